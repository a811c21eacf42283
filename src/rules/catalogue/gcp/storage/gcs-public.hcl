id            = "gcs-public"
title         = "Cloud Storage bucket is granted to everybody"
action        = "remove public grants"
severity      = "high"
profile       = "standard"
reversibility = "care"
impact        = "grant-removed"
why           = <<-EOT
  `allUsers` is everybody on the internet, `allAuthenticatedUsers` everybody with any Google account. What they are
  granted on a bucket needs no password and leaves no name in the logs.
EOT
verify        = "The bucket's IAM policy and ACLs, read back, name neither of the two."

controls = {
  scc     = ["PUBLIC_BUCKET_ACL"]
  prowler = ["cloudstorage_bucket_public_access"]
  checkov = ["CKV_GCP_28"]
  trivy   = ["AVD-GCP-0001"]
}

rollback {
  restores         = "The grant: everybody has the same access again."
  does_not_restore = "Requests that were denied in between."
}

remedy "grant" {
  types                   = ["google_storage_bucket", "google_storage_bucket_iam_member", "google_storage_bucket_iam_binding", "google_storage_bucket_iam_policy", "google_storage_bucket_access_control", "google_storage_default_object_access_control"]
  members                 = ["allUsers", "allAuthenticatedUsers"]
  respect_intended_public = true
  warnings                = ["Whoever uses the bucket without a grant of their own loses access at once, links in mails and web pages included."]
}
