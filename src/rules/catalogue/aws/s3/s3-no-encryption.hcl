id            = "s3-no-encryption"
title         = "S3 bucket has no default encryption in code"
action        = "enable default encryption"
severity      = "medium"
profile       = "starter"
reversibility = "safe"
impact        = "in-place"
why           = <<-EOT
  Default encryption makes sure that no object is stored in the clear, whatever the client asks for. S3 does this by
  itself since January 2023; writing it down keeps scanners, auditors and other partitions of AWS of one mind.
EOT
verify        = "The bucket's default encryption, read back, is AES256 or KMS."

controls = {
  security-hub = ["S3.4"]
  prowler      = ["s3_bucket_default_encryption"]
  checkov      = ["CKV_AWS_19"]
  trivy        = ["AVD-AWS-0088", "aws-s3-enable-bucket-encryption"]
  aws-config   = ["s3-bucket-server-side-encryption-enabled"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "AU-9", "AU-9(2)", "AU-9(7)", "CA-9(1)", "CM-3(6)", "SC-13", "SC-28", "SC-28(1)", "SC-7(10)", "SI-7(6)",
  ]
  source = "AWS Security Hub user guide, control S3.4"
}

rollback {
  restores         = "The previous default for objects that are written from then on."
  does_not_restore = "Objects written in between stay encrypted; they are read as before."
}

remedy "companion" {
  types    = ["aws_s3_bucket"]
  resource = "aws_s3_bucket_server_side_encryption_configuration"
  link     = "bucket"
  to       = "id"

  setting "rule.apply_server_side_encryption_by_default.sse_algorithm" {
    value  = "AES256"
    accept = ["aws:kms", "aws:kms:dsse"]
    absent = "unsafe"
  }

  inline {
    provider = "< 4"
    block    = "server_side_encryption_configuration"

    setting "server_side_encryption_configuration.rule.apply_server_side_encryption_by_default.sse_algorithm" {
      value  = "AES256"
      accept = ["aws:kms", "aws:kms:dsse"]
      absent = "unsafe"
    }
  }
}
