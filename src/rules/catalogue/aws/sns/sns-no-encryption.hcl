id            = "sns-no-encryption"
title         = "SNS topic is not encrypted at rest"
action        = "enable encryption at rest"
severity      = "medium"
profile       = "standard"
reversibility = "care"
impact        = "in-place"
why           = <<-EOT
  SNS stores messages until they are delivered. With a KMS key, who may read them is also a matter of the key's policy.
EOT
verify        = "The topic, read back, has a KMS master key."

controls = {
  security-hub = ["SNS.1"]
  prowler      = ["sns_topics_kms_encryption_at_rest_enabled"]
  checkov      = ["CKV_AWS_26"]
  trivy        = ["AVD-AWS-0095", "aws-sns-enable-topic-encryption"]
  aws-config   = ["sns-encrypted-kms"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "CA-9(1)", "CM-3(6)", "SC-13", "SC-28", "SC-28(1)", "SC-7(10)", "SI-7(6)",
  ]
  source = "AWS Security Hub user guide, control SNS.1"
}

rollback {
  restores = "New messages are stored unencrypted again."
}

remedy "set" {
  types = ["aws_sns_topic"]

  setting "kms_master_key_id" {
    value           = "alias/aws/sns"
    parameter       = "sns_kms_key"
    accept_anything = true
    absent          = "unsafe"
    warning         = "Publishers in other accounts and AWS services (CloudWatch alarms, S3 events, EventBridge) cannot use the AWS managed key `alias/aws/sns`: set the parameter `sns_kms_key` to a key whose policy lets them."
  }
}
