#! module terraform-aws-modules/redshift/aws
#! known 7.0.0 7.1.0

variable "create" {
  default = true
}

variable "cluster_identifier" {
  default = ""
}

variable "port" {
  default = 5439
}

variable "create_security_group" {
  default = true
}

variable "security_group_name" {
  default = ""
}

variable "security_group_use_name_prefix" {
  default = true
}

variable "security_group_ingress_rules" {
#! lines ingress-type.part.hcl
  default  = {}
  nullable = false
}

variable "tags" {
  default = {}
}

locals {
  create_security_group = var.create && var.create_security_group
  security_group_name   = try(coalesce(var.security_group_name, var.cluster_identifier), "")
}

#! lines own-group.part.hcl

#! lines ingress.part.hcl with PORT = var.port
