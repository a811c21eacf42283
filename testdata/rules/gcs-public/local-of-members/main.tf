locals {
  grants = {
    a = { name = "example-a", readers = ["group:team@example.com"] }
    b = { name = "example-b", readers = ["group:team@example.com", "allUsers"] }
  }
}

resource "google_storage_bucket" "data" {
  for_each = local.grants
  name     = each.value.name
  location = "EU"
}

resource "google_storage_bucket_iam_binding" "readers" {
  for_each = local.grants
  bucket   = google_storage_bucket.data[each.key].name
  role     = "roles/storage.objectViewer"
  members  = each.value.readers
}
