#! module cloudposse/elasticsearch/aws
#! known 0.25.0 2.1.0

#! lines cloudposse-label.part.hcl

variable "vpc_enabled" {
  default = true
}

#@ >= 0.41.0 {
variable "create_security_group" {
  default = true
}
#@ }

variable "ingress_port_range_start" {
  default = 0
}

variable "ingress_port_range_end" {
  default = 65535
}

variable "allowed_cidr_blocks" {
  default = []
}

locals {
  own_group = var.enabled != false && var.vpc_enabled                              #@ < 0.41.0
  own_group = var.enabled != false && var.vpc_enabled && var.create_security_group #@ >= 0.41.0
}

resource "aws_security_group" "default" {
  count = local.own_group ? 1 : 0

  name = var.label_id
  tags = var.tags
}

resource "aws_security_group_rule" "ingress_cidr_blocks" {
  count = local.own_group && length(var.allowed_cidr_blocks) > 0 ? 1 : 0

  security_group_id = aws_security_group.default[0].id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = var.ingress_port_range_start
  to_port           = var.ingress_port_range_end
  cidr_blocks       = var.allowed_cidr_blocks
}

output "security_group_id" {
  value = try(aws_security_group.default[0].id, "")
}
