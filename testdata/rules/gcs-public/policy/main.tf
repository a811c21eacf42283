resource "google_storage_bucket" "data" {
  name     = "example-data"
  location = "EU"
}

data "google_iam_policy" "data" {
  binding {
    role    = "roles/storage.admin"
    members = ["group:team@example.com"]
  }

  binding {
    role    = "roles/storage.objectViewer"
    members = ["allUsers"]
  }
}

resource "google_storage_bucket_iam_policy" "data" {
  bucket      = google_storage_bucket.data.name
  policy_data = data.google_iam_policy.data.policy_data
}
