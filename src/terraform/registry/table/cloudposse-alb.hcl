#! module cloudposse/alb/aws
#! known 0.17.0 2.5.0

#! lines cloudposse-label.part.hcl

#@ >= 0.28.0 {
variable "security_group_enabled" {
  default = true
}
#@ }

#@ >= 1.12.0 {
variable "ip_address_type" {
  default = "ipv4"
}
#@ }

variable "http_enabled" {
  default = true
}

variable "http_port" {
  default = 80
}

variable "http_ingress_cidr_blocks" {
  default = ["0.0.0.0/0"]         #@ < 1.12.0
  default = ["0.0.0.0/0", "::/0"] #@ >= 1.12.0
}

variable "http_ingress_prefix_list_ids" {
  default = []
}

variable "https_enabled" {
  default = false
}

variable "https_port" {
  default = 443
}

variable "https_ingress_cidr_blocks" {
  default = ["0.0.0.0/0"]         #@ < 1.12.0
  default = ["0.0.0.0/0", "::/0"] #@ >= 1.12.0
}

variable "https_ingress_prefix_list_ids" {
  default = []
}

locals {
  own_group = var.enabled != false                                #@ < 0.28.0
  own_group = var.enabled != false && var.security_group_enabled #@ >= 0.28.0
}

resource "aws_security_group" "default" {
  count = local.own_group ? 1 : 0

  name        = var.label_id
  description = "Controls access to the ALB (HTTP/HTTPS)"
  tags        = var.tags
}

resource "aws_security_group_rule" "http_ingress" {
  count = local.own_group && var.http_enabled ? 1 : 0

  security_group_id = aws_security_group.default[0].id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = var.http_port
  to_port           = var.http_port
  cidr_blocks       = var.http_ingress_cidr_blocks                                                           #@ < 1.12.0
  cidr_blocks       = [for network in var.http_ingress_cidr_blocks : network if !strcontains(network, ":")] #@ >= 1.12.0
  ipv6_cidr_blocks  = [for network in var.http_ingress_cidr_blocks : network if strcontains(network, ":") && var.ip_address_type == "dualstack"]  #@ >= 1.12.0
  prefix_list_ids   = var.http_ingress_prefix_list_ids
}

resource "aws_security_group_rule" "https_ingress" {
  count = local.own_group && var.https_enabled ? 1 : 0

  security_group_id = aws_security_group.default[0].id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = var.https_port
  to_port           = var.https_port
  cidr_blocks       = var.https_ingress_cidr_blocks                                                           #@ < 1.12.0
  cidr_blocks       = [for network in var.https_ingress_cidr_blocks : network if !strcontains(network, ":")] #@ >= 1.12.0
  ipv6_cidr_blocks  = [for network in var.https_ingress_cidr_blocks : network if strcontains(network, ":") && var.ip_address_type == "dualstack"]  #@ >= 1.12.0
  prefix_list_ids   = var.https_ingress_prefix_list_ids
}

output "security_group_id" {
  value = try(aws_security_group.default[0].id, "")
}
