id            = "sqs-no-encryption"
title         = "SQS queue is not encrypted at rest"
action        = "enable encryption at rest"
severity      = "medium"
profile       = "starter"
reversibility = "safe"
impact        = "in-place"
why           = <<-EOT
  Messages wait on disk until they are read. Encryption with keys that SQS manages costs nothing and changes nothing
  for senders and receivers.
EOT
verify        = "The queue, read back, has SqsManagedSseEnabled or a KMS key."

controls = {
  security-hub = ["SQS.1"]
  prowler      = ["sqs_queues_server_side_encryption_enabled"]
  checkov      = ["CKV_AWS_27"]
  trivy        = ["AVD-AWS-0096", "aws-sqs-enable-queue-encryption"]
}

compliance "NIST 800-53 r5" {
  ids = [
    "CA-9(1)", "CM-3(6)", "SC-13", "SC-28", "SC-28(1)", "SC-7(10)", "SI-7(6)",
  ]
  source = "AWS Security Hub user guide, control SQS.1"
}

rollback {
  restores         = "New messages are stored unencrypted again."
  does_not_restore = "Nothing else: messages in flight are read as before."
}

remedy "set" {
  types = ["aws_sqs_queue"]

  # The two ways exclude each other: a queue with a KMS key is safe and must not get the other attribute.
  safe_when "kms_master_key_id" {
    present = true
  }

  setting "sqs_managed_sse_enabled" {
    provider       = ">= 4"
    value          = true
    conflicts_with = ["kms_master_key_id"]

    # Queues made since October 2022 are encrypted without being asked to; older ones are not.
    absent = "unknown"
  }

  setting "kms_master_key_id" {
    provider        = "< 4"
    value           = "alias/aws/sqs"
    parameter       = "sqs_kms_key"
    accept_anything = true
    absent          = "unsafe"
    warning         = "Senders and receivers in other accounts, and AWS services that send to the queue, cannot use the AWS managed key `alias/aws/sqs`: set the parameter `sqs_kms_key` to a key whose policy lets them."
  }
}
