resource "google_storage_bucket" "data" {
  name     = "example-data"
  location = "EU"
}

resource "google_storage_bucket" "other" {
  name     = "example-other"
  location = "EU"
}

data "google_iam_policy" "public" {
  binding {
    role    = "roles/storage.objectViewer"
    members = ["allUsers", "group:team@example.com"]
  }
}

resource "google_storage_bucket_iam_policy" "data" {
  bucket      = google_storage_bucket.data.name
  policy_data = data.google_iam_policy.public.policy_data
}

resource "google_storage_bucket_iam_policy" "other" {
  bucket      = google_storage_bucket.other.name
  policy_data = data.google_iam_policy.public.policy_data
}
