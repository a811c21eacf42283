resource "google_storage_bucket" "site" {
  name     = "www.example.com"
  location = "EU"

  website {
    main_page_suffix = "index.html"
  }
}

resource "google_storage_bucket_iam_member" "all" {
  bucket = google_storage_bucket.site.name
  role   = "roles/storage.objectViewer"
  member = "allUsers"
}
