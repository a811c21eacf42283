#! module terraform-aws-modules/notify-slack/aws
#! known 3.3.0 7.5.0

variable "create" {
  default = true
}

variable "create_sns_topic" {
  default = true
}

variable "sns_topic_name" {}

variable "sns_topic_kms_key_id" {
  default = ""
}

variable "sns_topic_tags" {
  default = {}
}

variable "tags" {
  default = {}
}

resource "aws_sns_topic" "this" {
  count = var.create_sns_topic && var.create ? 1 : 0

  name              = var.sns_topic_name
  kms_master_key_id = var.sns_topic_kms_key_id
  tags              = merge(var.tags, var.sns_topic_tags)
}
