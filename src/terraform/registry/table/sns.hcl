#! module terraform-aws-modules/sns/aws
#! known 2.0.0 7.1.0

#@ < 5.0.0 {
variable "create_sns_topic" {
  default = true
}

variable "name_prefix" {
  default = null
}
#@ }

#@ >= 5.0.0 {
variable "create" {
  default = true
}

variable "use_name_prefix" {
  default = false
}
#@ }

variable "name" {
  default = null
}

#@ >= 3.1.0 {
variable "fifo_topic" {
  default = false
}
#@ }

variable "kms_master_key_id" {
  default = null
}

variable "tags" {
  default = {}
}

resource "aws_sns_topic" "this" {
  count = var.create_sns_topic ? 1 : 0 #@ < 5.0.0
  count = var.create ? 1 : 0           #@ >= 5.0.0

  name        = var.name        #@ < 5.0.0
  name_prefix = var.name_prefix #@ < 5.0.0

#@ >= 5.0.0 {
  name        = var.use_name_prefix ? null : (var.fifo_topic ? "${try(trimsuffix(var.name, ".fifo"), "")}.fifo" : try(trimsuffix(var.name, ".fifo"), ""))
  name_prefix = var.use_name_prefix ? "${try(trimsuffix(var.name, ".fifo"), "")}-" : null
#@ }

  kms_master_key_id = var.kms_master_key_id
  tags              = var.tags
}

output "topic_arn" {
  value = try(aws_sns_topic.this[0].arn, null)
}
