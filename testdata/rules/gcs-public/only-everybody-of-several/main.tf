locals {
  readers = {
    a = ["group:team@example.com"]
    b = ["allUsers"]
  }
}

resource "google_storage_bucket" "data" {
  for_each = local.readers
  name     = "example-${each.key}"
  location = "EU"
}

resource "google_storage_bucket_iam_binding" "readers" {
  for_each = local.readers
  bucket   = google_storage_bucket.data[each.key].name
  role     = "roles/storage.objectViewer"
  members  = each.value
}
