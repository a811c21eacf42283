#! module terraform-aws-modules/ecs/aws//modules/cluster
#! known 5.0.0 7.5.0

variable "create" {
  default = true
}

#@ >= 7.0.0 {
variable "name" {
  default = ""
}

variable "disable_v7_default_name_description" {
  default = false
}

variable "capacity_providers" {
  default = null
}

#! lines own-group-inputs.part.hcl

variable "security_group_ingress_rules" {
#! lines ingress-type.part.hcl
  default  = {}
  nullable = false
}

variable "tags" {
  default = {}
}

locals {
  # Only a cluster with managed instances has a group of its own.
  has_managed_instances = try(anytrue([for k, v in var.capacity_providers : try(v.managed_instances_provider != null, false)]), false)
  create_security_group = var.create && var.create_security_group && local.has_managed_instances
  security_group_name   = coalesce(var.security_group_name, "${var.name}${var.disable_v7_default_name_description ? "" : "-cluster"}")
}

#! lines own-group.part.hcl

#! lines ingress.part.hcl with PORT = null
#@ }
