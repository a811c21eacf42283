#! module terraform-aws-modules/vpc/aws//modules/vpc-endpoints
#! known 5.1.0 6.6.0

variable "create" {
  default = true
}

variable "create_security_group" {
  default = false
}

variable "security_group_name" {
  default = null
}

variable "security_group_name_prefix" {
  default = null
}

variable "security_group_rules" {
  default = {}
}

variable "tags" {
  default = {}
}

locals {
  create_security_group = var.create && var.create_security_group
}

resource "aws_security_group" "this" {
  count = local.create_security_group ? 1 : 0

  name        = var.security_group_name
  name_prefix = var.security_group_name_prefix
  tags        = merge(var.tags, { Name = try(coalesce(var.security_group_name, var.security_group_name_prefix), "") })
}

#! lines rules-of-any.part.hcl with PORT = 443

output "security_group_id" {
  value = try(aws_security_group.this[0].id, null)
}
