resource "google_storage_bucket" "site" {
  name     = "example-data"
  location = "EU"
}

# Everybody may read
resource "google_storage_bucket_iam_member" "all" {
  bucket = google_storage_bucket.site.name
  role   = "roles/storage.objectViewer"
  member = "allUsers"
}

resource "google_storage_bucket_iam_member" "team" {
  bucket = google_storage_bucket.site.name
  role   = "roles/storage.objectViewer"
  member = "group:team@example.com"
}
