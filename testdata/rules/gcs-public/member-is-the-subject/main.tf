resource "google_storage_bucket_iam_member" "all" {
  bucket = "example-data"
  role   = "roles/storage.objectViewer"
  member = "allUsers"
}
