id            = "cloudtrail-no-validation"
title         = "CloudTrail log files are not validated"
action        = "enable log file validation"
severity      = "low"
profile       = "starter"
reversibility = "safe"
impact        = "in-place"
why           = <<-EOT
  With validation, CloudTrail signs a digest of every log file. Without it nobody can prove that the record of an
  incident was not changed by whoever caused it.
EOT
verify        = "The trail, read back, has LogFileValidationEnabled = true."

controls = {
  security-hub = ["CloudTrail.4"]
  prowler      = ["cloudtrail_log_file_validation_enabled"]
  checkov      = ["CKV_AWS_36"]
  trivy        = ["AVD-AWS-0016", "aws-cloudtrail-enable-log-validation"]
  aws-config   = ["cloud-trail-log-file-validation-enabled"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "AU-9", "SI-4", "SI-7(1)", "SI-7(3)", "SI-7(7)",
  ]
  source = "AWS Security Hub user guide, control CloudTrail.4"
}

compliance "CIS AWS Foundations v1.4.0" {
  ids    = ["3.2"]
  source = "AWS Security Hub user guide, control CloudTrail.4"
}

rollback {
  restores         = "No digests are written any more."
  does_not_restore = "Digests that were written stay in the bucket."
}

remedy "set" {
  types = ["aws_cloudtrail"]

  setting "enable_log_file_validation" {
    value  = true
    absent = "unsafe"
  }
}
