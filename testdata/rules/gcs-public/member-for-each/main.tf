resource "google_storage_bucket" "data" {
  name     = "example-data"
  location = "EU"
}

resource "google_storage_bucket_iam_member" "readers" {
  for_each = toset(["allAuthenticatedUsers", "group:team@example.com"])

  bucket = google_storage_bucket.data.name
  role   = "roles/storage.objectViewer"
  member = each.value
}
