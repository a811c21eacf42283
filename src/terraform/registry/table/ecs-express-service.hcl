#! module terraform-aws-modules/ecs/aws//modules/express-service
#! known 7.2.0 7.5.0

variable "create" {
  default  = true
  nullable = false
}

variable "name" {
  default = ""
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
  create_security_group = var.create && var.create_security_group
  security_group_name   = try(coalesce(var.security_group_name, var.name), "")
}

#! lines own-group.part.hcl

#! lines ingress.part.hcl with PORT = null
