#! module terraform-aws-modules/efs/aws
#! known 1.0.0 2.0.0

variable "create" {
  default = true
}

variable "name" {
  default = ""
}

variable "mount_targets" {
  default = {}
}

variable "create_security_group" {
  default = true
}

variable "security_group_name" {
  default = null
}

variable "security_group_use_name_prefix" {
  default = false
}

#@ < 2.0.0 {
variable "security_group_rules" {
  default = {}
}
#@ }

#@ >= 2.0.0 {
variable "security_group_ingress_rules" {
#! lines ingress-type.part.hcl
  default  = {}
  nullable = false
}
#@ }

variable "tags" {
  default = {}
}

locals {
  create_security_group = var.create && var.create_security_group && length(var.mount_targets) > 0
  security_group_name   = try(coalesce(var.security_group_name, var.name), "")
}

#! lines own-group.part.hcl

#@ < 2.0.0 {
#! lines rules-of-any.part.hcl with PORT = 2049
#@ }

#@ >= 2.0.0 {
#! lines ingress.part.hcl with PORT = 2049
#@ }
