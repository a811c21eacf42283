#! module terraform-aws-modules/alb/aws
#! known 9.0.0 10.5.0

variable "create" {
  default = true
}

variable "name" {
  default = null
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

variable "security_group_ingress_rules" {
  default = {} #@ < 10.0.0

#@ >= 10.0.0 {
  type = map(object({
    name                         = optional(string)
    cidr_ipv4                    = optional(string)
    cidr_ipv6                    = optional(string)
    description                  = optional(string)
    from_port                    = optional(string)
    ip_protocol                  = optional(string, "tcp")
    prefix_list_id               = optional(string)
    referenced_security_group_id = optional(string)
    tags                         = optional(map(string), {})
    to_port                      = optional(string)
  }))
  default = null
#@ }
}

variable "tags" {
  default = {}
}

locals {
  create_security_group = var.create && var.create_security_group
  security_group_name   = try(coalesce(var.security_group_name, var.name), null)
}

resource "aws_security_group" "this" {
  count = local.create_security_group ? 1 : 0

  name        = var.security_group_use_name_prefix ? null : local.security_group_name
  name_prefix = var.security_group_use_name_prefix ? "${local.security_group_name}-" : null
  tags        = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = { for key, rule in var.security_group_ingress_rules : key => rule if local.create_security_group }                                   #@ < 10.0.0
  for_each = local.create_security_group && var.security_group_ingress_rules != null ? var.security_group_ingress_rules : {} #@ >= 10.0.0

  security_group_id = aws_security_group.this[0].id

#@ < 10.0.0 {
  ip_protocol                  = try(each.value.ip_protocol, "tcp")
  cidr_ipv4                    = lookup(each.value, "cidr_ipv4", null)
  cidr_ipv6                    = lookup(each.value, "cidr_ipv6", null)
  description                  = try(each.value.description, null)
  from_port                    = try(each.value.from_port, null)
  prefix_list_id               = lookup(each.value, "prefix_list_id", null)
  referenced_security_group_id = lookup(each.value, "referenced_security_group_id", null)
  to_port                      = try(each.value.to_port, null)
#@ }

#@ >= 10.0.0 {
  ip_protocol                  = each.value.ip_protocol
  cidr_ipv4                    = each.value.cidr_ipv4
  cidr_ipv6                    = each.value.cidr_ipv6
  description                  = each.value.description
  from_port                    = each.value.from_port
  prefix_list_id               = each.value.prefix_list_id
  referenced_security_group_id = each.value.referenced_security_group_id
  to_port                      = try(coalesce(each.value.to_port, each.value.from_port), null)
#@ }
}

output "security_group_id" {
  value = try(aws_security_group.this[0].id, null)
}
