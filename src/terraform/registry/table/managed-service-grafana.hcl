#! module terraform-aws-modules/managed-service-grafana/aws
#! known 1.7.0 2.3.0

variable "name" {
  default = null
}

variable "vpc_configuration" {
  default = {}
}

variable "create_security_group" {
  default = true
}

variable "security_group_name" {
  default = null
}

variable "security_group_use_name_prefix" {
  default = true
}

variable "security_group_rules" {
  default = {}
}

variable "tags" {
  default = {}
}

locals {
  create_security_group = length(var.vpc_configuration) > 0 && var.create_security_group
  security_group_name   = try(coalesce(var.security_group_name, var.name), "")
}

resource "aws_security_group" "this" {
  count = local.create_security_group ? 1 : 0

  name        = var.security_group_use_name_prefix ? null : local.security_group_name
  name_prefix = var.security_group_use_name_prefix ? "${local.security_group_name}-" : null
  tags        = var.tags
}

# A rule that does not say which way it goes lets traffic out.
resource "aws_security_group_rule" "this" {
  for_each = { for name, rule in var.security_group_rules : name => rule if local.create_security_group }

  security_group_id        = aws_security_group.this[0].id
  type                     = try(each.value.type, "egress")
  protocol                 = each.value.protocol
  from_port                = each.value.from_port
  to_port                  = each.value.to_port
  cidr_blocks              = try(each.value.cidr_blocks, null)
  ipv6_cidr_blocks         = try(each.value.ipv6_cidr_blocks, null)
  prefix_list_ids          = try(each.value.prefix_list_ids, null)
  description              = try(each.value.description, null)
  self                     = try(each.value.self, null)
  source_security_group_id = try(each.value.source_security_group_id, null)
}
