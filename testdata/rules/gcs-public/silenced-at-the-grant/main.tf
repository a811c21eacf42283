resource "google_storage_bucket" "data" {
  name     = "example-data"
  location = "EU"
}

resource "google_storage_bucket_iam_member" "all" {
  #checkov:skip=CKV_GCP_28:downloads
  bucket = google_storage_bucket.data.name
  role   = "roles/storage.objectViewer"
  member = "allUsers"
}
