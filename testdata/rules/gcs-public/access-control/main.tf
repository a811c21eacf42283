resource "google_storage_bucket" "data" {
  name     = "example-data"
  location = "EU"
}

resource "google_storage_bucket_access_control" "public" {
  bucket = google_storage_bucket.data.name
  role   = "READER"
  entity = "allUsers"
}

resource "google_storage_bucket_acl" "data" {
  bucket = google_storage_bucket.data.name

  role_entity = [
    "OWNER:project-owners-1",
    "READER:allUsers",
  ]
}
