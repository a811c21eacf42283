#! module cloudposse/sns-topic/aws
#! known 0.19.0 1.2.0
#! set sns-no-encryption: encryption_enabled = true

#! lines cloudposse-label.part.hcl

variable "encryption_enabled" {
  default = true
}

variable "kms_master_key_id" {
  default = "alias/aws/sns"
}

variable "fifo_topic" {
  default = false
}

variable "sqs_dlq_enabled" {
  default = false
}

variable "sqs_queue_kms_master_key_id" {
  default = "alias/aws/sqs"
}

resource "aws_sns_topic" "this" {
  count = var.enabled != false ? 1 : 0

  name              = var.label_id                                            #@ < 0.20.0
  name              = var.fifo_topic ? "${var.label_id}.fifo" : var.label_id #@ >= 0.20.0
  kms_master_key_id = var.encryption_enabled && var.kms_master_key_id != "" ? var.kms_master_key_id : ""
  tags              = var.tags
}

resource "aws_sqs_queue" "dead_letter_queue" {
  count = var.enabled != false && var.sqs_dlq_enabled ? 1 : 0

  kms_master_key_id = var.sqs_queue_kms_master_key_id
  tags              = var.tags
}

output "sns_topic_arn" {
  value = try(aws_sns_topic.this[0].arn, "")
}
