resource "google_storage_bucket" "data" {
  name     = "example-data"
  location = "EU"
}

# This grant is intentionally public: downloads.
resource "google_storage_bucket_iam_member" "all" {
  bucket = google_storage_bucket.data.name
  role   = "roles/storage.objectViewer"
  member = "allUsers"
}
