#! module terraform-aws-modules/fsx/aws//modules/lustre
#! module terraform-aws-modules/fsx/aws//modules/ontap
#! module terraform-aws-modules/fsx/aws//modules/openzfs
#! module terraform-aws-modules/fsx/aws//modules/windows
#! known 1.0.0 1.3.0

variable "create" {
  default = true
}

variable "name" {
  default = ""
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
  default = {}
}

variable "tags" {
  default = {}
}

locals {
  create_security_group = var.create && var.create_security_group
  security_group_name   = try(coalesce(var.security_group_name, var.name), "")
}

#! lines own-group.part.hcl

# Rules of its own are between the file servers: they let nobody else in.
resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = { for name, rule in var.security_group_ingress_rules : name => rule if local.create_security_group }

  security_group_id            = aws_security_group.this[0].id
  ip_protocol                  = try(each.value.ip_protocol, "tcp")
  cidr_ipv4                    = try(each.value.cidr_ipv4, null)
  cidr_ipv6                    = try(each.value.cidr_ipv6, null)
  description                  = try(each.value.description, null)
  from_port                    = try(each.value.from_port, null)
  prefix_list_id               = try(each.value.prefix_list_id, null)
  referenced_security_group_id = try(each.value.referenced_security_group_id, null)
  to_port                      = try(each.value.to_port, null)
}
