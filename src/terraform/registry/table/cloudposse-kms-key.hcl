#! module cloudposse/kms-key/aws
#! known 0.7.0 0.12.2

#! lines cloudposse-label.part.hcl

variable "enable_key_rotation" {
  default = true
}

#@ >= 0.10.0 {
variable "customer_master_key_spec" {
  default = "SYMMETRIC_DEFAULT"
}

variable "key_usage" {
  default = "ENCRYPT_DECRYPT"
}
#@ }

resource "aws_kms_key" "default" {
  count = var.enabled != false ? 1 : 0

  enable_key_rotation      = var.enable_key_rotation
  customer_master_key_spec = var.customer_master_key_spec #@ >= 0.10.0
  key_usage                = var.key_usage                #@ >= 0.10.0
  tags                     = var.tags
}

output "key_arn" {
  value = try(aws_kms_key.default[0].arn, "")
}

output "key_id" {
  value = try(aws_kms_key.default[0].key_id, "")
}
