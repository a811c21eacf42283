#! module terraform-aws-modules/ecs/aws//modules/service
#! known 5.0.0 7.5.0

variable "create" {
  default  = true
  nullable = false #@ >= 6.1.4
}

variable "name" {
  default = null #@ < 7.0.0
  default = ""   #@ >= 7.0.0
}

#@ >= 7.0.0 {
variable "disable_v7_default_name_description" {
  default = false
}
#@ }

variable "network_mode" {
  default  = "awsvpc"
  nullable = false #@ >= 6.1.4
}

variable "create_security_group" {
  default  = true
  nullable = false #@ >= 6.1.4
}

variable "security_group_name" {
  default = null
}

variable "security_group_use_name_prefix" {
  default  = true
  nullable = false #@ >= 6.1.4
}

#@ < 6.0.0 {
variable "security_group_rules" {
  default = {}
}
#@ }

#@ >= 6.0.0 {
variable "security_group_ingress_rules" {
#! lines ingress-type.part.hcl
  default  = {}
  nullable = false #@ >= 6.1.4
}
#@ }

variable "tags" {
  default = {}
}

locals {
  create_security_group = var.create && var.create_security_group && var.network_mode == "awsvpc"
  security_group_name   = try(coalesce(var.security_group_name, var.name), "")                                                             #@ < 6.0.0
  security_group_name   = coalesce(var.security_group_name, var.name, "NotProvided")                                                       #@ >= 6.0.0, < 7.0.0
  security_group_name   = coalesce(var.security_group_name, "${var.name}${var.disable_v7_default_name_description ? "" : "-service"}") #@ >= 7.0.0
}

#! lines own-group.part.hcl

#@ < 6.0.0 {
#! lines rules-of-any.part.hcl with PORT = null
#@ }

#@ >= 6.0.0 {
#! lines ingress.part.hcl with PORT = null
#@ }
