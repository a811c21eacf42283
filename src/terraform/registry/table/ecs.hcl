#! module terraform-aws-modules/ecs/aws
#! known 5.0.0 7.5.0
#! include ecs-service.hcl in modules/service
#! include ecs-cluster.hcl in modules/cluster

variable "create" {
  default = true
}

variable "cluster_name" {
  default = ""
}

#@ >= 7.0.0 {
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
#@ }

variable "services" {
  default = {} #@ < 6.0.0

#@ >= 6.0.0 {
  type = map(object({
    create                         = optional(bool, true)     #@ < 6.1.4
    create                         = optional(bool)           #@ >= 6.1.4
    name                           = optional(string)
    network_mode                   = optional(string, "awsvpc") #@ < 6.1.4
    network_mode                   = optional(string)           #@ >= 6.1.4
    create_security_group          = optional(bool, true)     #@ < 6.1.4
    create_security_group          = optional(bool)           #@ >= 6.1.4
    security_group_name            = optional(string)
    security_group_use_name_prefix = optional(bool, true)     #@ < 6.1.4
    security_group_use_name_prefix = optional(bool)           #@ >= 6.1.4
    security_group_ingress_rules = optional(map(object({
      name                         = optional(string)
      cidr_ipv4                    = optional(string)
      cidr_ipv6                    = optional(string)
      description                  = optional(string)
      from_port                    = optional(number)
      ip_protocol                  = optional(string, "tcp") #@ < 6.1.4
      ip_protocol                  = optional(string)        #@ >= 6.1.4
      prefix_list_id               = optional(string)
      referenced_security_group_id = optional(string)
      tags                         = optional(map(string), {})
      to_port                      = optional(number)
    })))
    tags = optional(map(string), {}) #@ < 6.1.4
    tags = optional(map(string))     #@ >= 6.1.4
  }))
  default = null
#@ }
}

variable "tags" {
  default = {}
}

#@ >= 7.0.0 {
module "cluster" {
  source = "./modules/cluster"

  create                              = var.create
  name                                = var.cluster_name
  disable_v7_default_name_description = var.disable_v7_default_name_description
  capacity_providers                  = var.capacity_providers
  create_security_group               = var.create_security_group
  security_group_name                 = var.security_group_name
  security_group_use_name_prefix      = var.security_group_use_name_prefix
  security_group_ingress_rules        = var.security_group_ingress_rules
  tags                                = var.tags
}
#@ }

module "service" {
  source = "./modules/service"

#@ < 6.0.0 {
  for_each = { for k, v in var.services : k => v if var.create }

  create                         = try(each.value.create, true)
  name                           = try(each.value.name, each.key)
  network_mode                   = try(each.value.network_mode, "awsvpc")
  create_security_group          = try(each.value.create_security_group, true)
  security_group_name            = try(each.value.security_group_name, null)
  security_group_use_name_prefix = try(each.value.security_group_use_name_prefix, true)
  security_group_rules           = try(each.value.security_group_rules, {})
  tags                           = merge(var.tags, try(each.value.tags, {}))
#@ }

#@ >= 6.0.0 {
  for_each = var.create && var.services != null ? var.services : {}

  create                              = each.value.create
  name                                = coalesce(each.value.name, each.key)
  network_mode                        = each.value.network_mode
  disable_v7_default_name_description = var.disable_v7_default_name_description #@ >= 7.0.0
  create_security_group               = each.value.create_security_group
  security_group_name                 = each.value.security_group_name
  security_group_use_name_prefix      = each.value.security_group_use_name_prefix
  security_group_ingress_rules        = each.value.security_group_ingress_rules
  tags                                = merge(var.tags, each.value.tags)
#@ }
}
