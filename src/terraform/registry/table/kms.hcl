#! module terraform-aws-modules/kms/aws
#! known 1.0.0 4.2.0

variable "create" {
  default = true
}

variable "create_external" {
  default = false
}

#@ >= 1.4.0 {
variable "create_replica" {
  default = false
}

variable "create_replica_external" {
  default = false
}
#@ }

variable "enable_key_rotation" {
  default = true
}

variable "is_enabled" {
  default = null
}

variable "key_usage" {
  default = null
}

variable "customer_master_key_spec" {
  default = null
}

#@ >= 2.0.0 {
variable "custom_key_store_id" {
  default = null
}
#@ }

variable "description" {
  default = null
}

variable "tags" {
  default = {}
}

resource "aws_kms_key" "this" {
  count = var.create && !var.create_external ? 1 : 0                                                       #@ < 1.4.0
  count = var.create && !var.create_external && !var.create_replica && !var.create_replica_external ? 1 : 0 #@ >= 1.4.0

  description              = var.description
  customer_master_key_spec = var.customer_master_key_spec
  custom_key_store_id      = var.custom_key_store_id #@ >= 2.0.0
  enable_key_rotation      = var.enable_key_rotation
  is_enabled               = var.is_enabled
  key_usage                = var.key_usage
  tags                     = var.tags
}

output "key_id" {
  value = try(aws_kms_key.this[0].key_id, null)
}

output "key_arn" {
  value = try(aws_kms_key.this[0].arn, null)
}
