resource "google_storage_bucket" "events" {
  name                        = "acme-analytics-events"
  location                    = "EU"
  uniform_bucket_level_access = true

  labels = {
    team = "data"
  }
}

resource "google_storage_bucket_iam_member" "events_loader" {
  bucket = google_storage_bucket.events.name
  role   = "roles/storage.objectCreator"
  member = "serviceAccount:loader@${var.project}.iam.gserviceaccount.com"
}

# Quick look from a notebook, March.
resource "google_storage_bucket_iam_member" "events_everyone" {
  bucket = google_storage_bucket.events.name
  role   = "roles/storage.objectViewer"
  member = "allUsers"
}

resource "google_storage_bucket" "dashboards" {
  name                        = "${var.project}-dashboards"
  location                    = "EU"
  uniform_bucket_level_access = true
}

resource "google_storage_bucket_iam_binding" "dashboards_viewers" {
  bucket = google_storage_bucket.dashboards.name
  role   = "roles/storage.objectViewer"

  members = [
    "group:data@acme.example",
    "allAuthenticatedUsers", # so that the link works for everybody
    "group:board@acme.example",
  ]
}

# Our open data sets. This bucket is public on purpose.
resource "google_storage_bucket" "open_data" {
  name                        = "acme-open-data"
  location                    = "EU"
  uniform_bucket_level_access = true

  labels = {
    visibility = "public"
  }
}

# Public on purpose: anybody may download the open data sets.
resource "google_storage_bucket_iam_member" "open_data_everyone" {
  bucket = google_storage_bucket.open_data.name
  role   = "roles/storage.objectViewer"
  member = "allUsers"
}
