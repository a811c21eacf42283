id            = "s3-no-versioning"
title         = "S3 bucket keeps no versions"
action        = "enable versioning"
severity      = "low"
profile       = "standard"
reversibility = "care"
impact        = "in-place"
why           = <<-EOT
  Without versions, an overwritten or deleted object is gone, be it by mistake or by ransomware.
EOT
verify        = "The bucket's versioning status, read back, is Enabled."

controls = {
  security-hub = ["S3.14"]
  prowler      = ["s3_bucket_object_versioning"]
  checkov      = ["CKV_AWS_21"]
  trivy        = ["AVD-AWS-0090", "aws-s3-enable-versioning"]
  aws-config   = ["s3-bucket-versioning-enabled"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "AU-9(2)", "CP-10", "CP-6", "CP-6(1)", "CP-6(2)", "CP-9", "SC-5(2)", "SI-12", "SI-13(5)",
  ]
  source = "AWS Security Hub user guide, control S3.14"
}

rollback {
  restores         = "Versioning becomes Suspended: new writes keep no versions."
  does_not_restore = "A bucket that once kept versions never returns to the unversioned state, and the versions stay until they are deleted."
}

remedy "companion" {
  types    = ["aws_s3_bucket"]
  resource = "aws_s3_bucket_versioning"
  link     = "bucket"
  to       = "id"
  warnings = ["Old versions are billed until a lifecycle rule expires them."]

  setting "versioning_configuration.status" {
    value  = "Enabled"
    absent = "unsafe"
  }

  inline {
    provider = "< 4"
    block    = "versioning"

    setting "versioning.enabled" {
      value  = true
      absent = "unsafe"
    }
  }
}
