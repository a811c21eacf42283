#! module terraform-aws-modules/opensearch/aws
#! known 1.0.0 2.10.0

variable "create" {
  default = true
}

variable "domain_name" {
  default = ""
}

variable "vpc_options" {
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
  create_security_group = var.create && var.create_security_group && length(var.vpc_options) > 0
  security_group_name   = try(coalesce(var.security_group_name, var.domain_name), "")
}

#! lines own-group.part.hcl

#! lines ingress-of-any.part.hcl with PORT = 443
