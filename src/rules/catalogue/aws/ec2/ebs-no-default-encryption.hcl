id            = "ebs-no-default-encryption"
title         = "New EBS volumes are not encrypted by default"
action        = "enable default EBS encryption"
severity      = "medium"
profile       = "standard"
reversibility = "safe"
impact        = "in-place"
scope         = "account"
why           = <<-EOT
  The switch makes every new volume and snapshot copy of the account in this region encrypted, whoever creates it and
  whatever the code says. Existing volumes stay as they are.
EOT
verify        = "EBS encryption by default, read back in this region, is on."

controls = {
  security-hub = ["EC2.7"]
  prowler      = ["ec2_ebs_default_encryption"]
  checkov      = ["CKV_AWS_106"]
  aws-config   = ["ec2-ebs-encryption-by-default"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "CA-9(1)", "CM-3(6)", "SC-13", "SC-28", "SC-28(1)", "SC-7(10)", "SI-7(6)",
  ]
  source = "AWS Security Hub user guide, control EC2.7"
}

rollback {
  restores         = "New volumes are unencrypted again unless asked for. Destroying the resource turns the switch off."
  does_not_restore = "Volumes created in between stay encrypted."
}

remedy "set" {
  types    = ["aws_ebs_encryption_by_default"]
  warnings = ["Instance types of before 2017 (C1, M1, M2, T1) cannot attach encrypted volumes."]

  setting "enabled" {
    value  = true
    absent = "safe"
  }
}
