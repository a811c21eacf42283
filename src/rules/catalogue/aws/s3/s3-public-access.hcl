id            = "s3-public-access"
title         = "S3 bucket does not block public access"
action        = "block public access"
severity      = "high"
profile       = "standard"
reversibility = "care"
impact        = "in-place"
why           = <<-EOT
  Without all four public access block settings, one ACL or one bucket policy, written today or next year, opens the
  bucket to everybody on the internet. The block overrules such grants whoever writes them.
EOT
verify        = "The bucket's public access block, read back, has all four settings on."

controls = {
  security-hub = ["S3.8", "S3.2", "S3.3"]
  prowler      = ["s3_bucket_level_public_access_block", "s3_bucket_public_access", "s3_bucket_public_list_acl", "s3_bucket_public_write_acl", "s3_bucket_policy_public_write_access"]
  checkov      = ["CKV2_AWS_6", "CKV_AWS_53", "CKV_AWS_54", "CKV_AWS_55", "CKV_AWS_56", "CKV_AWS_20", "CKV_AWS_57"]
  trivy        = ["AVD-AWS-0086", "AVD-AWS-0087", "AVD-AWS-0091", "AVD-AWS-0093", "AVD-AWS-0094", "aws-s3-block-public-acls", "aws-s3-block-public-policy", "aws-s3-ignore-public-acls", "aws-s3-no-public-buckets", "aws-s3-specify-public-access-block"]
  aws-config   = ["s3-bucket-level-public-access-prohibited", "s3-bucket-public-read-prohibited", "s3-bucket-public-write-prohibited"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "AC-21", "AC-3", "AC-3(7)", "AC-4", "AC-4(21)", "AC-6", "SC-7", "SC-7(11)", "SC-7(16)", "SC-7(20)",
    "SC-7(21)", "SC-7(3)", "SC-7(4)", "SC-7(9)",
  ]
  source = "AWS Security Hub user guide, control S3.8"
}

rollback {
  restores         = "The previous public access block (or none); public ACLs and policies that still exist take effect again."
  does_not_restore = "Requests that were denied in between."
}

remedy "companion" {
  types                   = ["aws_s3_bucket"]
  resource                = "aws_s3_bucket_public_access_block"
  link                    = "bucket"
  to                      = "id"
  respect_intended_public = true

  warnings = [
    "Anonymous readers, and ACL or policy grants to everybody, stop working at once.",
    "Code that still writes such an ACL or policy is denied when it is applied anew: take it out as well.",
  ]

  setting "block_public_acls" {
    value  = true
    absent = "unsafe"
  }

  setting "block_public_policy" {
    value  = true
    absent = "unsafe"
  }

  setting "ignore_public_acls" {
    value  = true
    absent = "unsafe"
  }

  setting "restrict_public_buckets" {
    value  = true
    absent = "unsafe"
  }
}
