resource "google_storage_bucket" "data" {
  name     = "example-data"
  location = "EU"

  labels = {
    visibility = "public"
  }
}

resource "google_storage_bucket_iam_member" "all" {
  bucket = google_storage_bucket.data.name
  role   = "roles/storage.objectViewer"
  member = "allUsers"
}
