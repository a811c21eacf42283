#! module terraform-aws-modules/eks/aws
#! known 15.2.0 21.19.0
#! set imds-v1: workers_group_defaults = { metadata_http_endpoint = "enabled", metadata_http_tokens = "required" } #@ < 18.0.0
#! include eks-managed-node-group.hcl in modules/eks-managed-node-group
#! include eks-self-managed-node-group.hcl in modules/self-managed-node-group
#! include eks-node-groups-of-old.hcl in modules/node_groups

#@ < 18.0.0 {
#! lines eks-before-18.part.hcl
#@ }

#@ >= 18.0.0 {
variable "create" {
  default = true
}

variable "cluster_name" { #@ < 21.0.0
variable "name" {         #@ >= 21.0.0
  default = ""
}

#@ >= 18.0.3 {
variable "prefix_separator" {
  default = "-"
}
#@ }

variable "tags" {
  default = {}
}

#@ >= 19.0.0 {
variable "outpost_config" {
  default = {}   #@ < 21.0.0
  default = null #@ >= 21.0.0
}

variable "cluster_encryption_config" { #@ < 21.0.0
variable "encryption_config" {         #@ >= 21.0.0
#@ < 21.0.0 {
  default = {
    resources = ["secrets"]
  }
#@ }

#@ >= 21.0.0 {
  type = object({
    provider_key_arn = optional(string)
    resources        = optional(list(string), ["secrets"])
  })
  default = {}                       #@ < 21.0.2
  default = {                        #@ >= 21.0.2, < 21.0.4
    resources = ["secrets"]          #@ >= 21.0.2, < 21.0.4
  }                                  #@ >= 21.0.2, < 21.0.4
  default = {}                       #@ >= 21.0.4
#@ }
}
#@ }

#@ >= 18.25.0 {
variable "create_kms_key" {
  default = false #@ < 19.0.0
  default = true  #@ >= 19.0.0
}

variable "enable_kms_key_rotation" {
  default = true
}
#@ }

variable "create_cluster_security_group" { #@ < 21.0.0
variable "create_security_group" {         #@ >= 21.0.0
  default = true
}

variable "cluster_security_group_id" { #@ < 21.0.0
variable "security_group_id" {         #@ >= 21.0.0
  default = ""
}

variable "cluster_security_group_name" { #@ < 21.0.0
variable "security_group_name" {         #@ >= 21.0.0
  default = null
}

variable "cluster_security_group_use_name_prefix" { #@ < 21.0.0
variable "security_group_use_name_prefix" {         #@ >= 21.0.0
  default = true
}

variable "cluster_security_group_additional_rules" { #@ < 21.0.0
variable "security_group_additional_rules" {         #@ >= 21.0.0
#@ >= 21.0.0 {
#! lines eks-rule-type.part.hcl with PEER = node
#@ }
  default = {}
}

variable "create_node_security_group" {
  default = true
}

variable "node_security_group_id" {
  default = ""
}

variable "node_security_group_name" {
  default = null
}

variable "node_security_group_use_name_prefix" {
  default = true
}

variable "node_security_group_additional_rules" {
#@ >= 21.0.0 {
#! lines eks-rule-type.part.hcl with PEER = cluster
#@ }
  default = {}
}

#@ < 21.0.0 {
variable "eks_managed_node_group_defaults" {
  default = {}
}

variable "self_managed_node_group_defaults" {
  default = {}
}
#@ }

variable "eks_managed_node_groups" {
  default = {} #@ < 21.0.0

#@ >= 21.0.0 {
  type = map(object({
    create                          = optional(bool)
    name                            = optional(string)
    create_launch_template          = optional(bool)
    use_custom_launch_template      = optional(bool)
#! lines eks-group-type.part.hcl
  }))
    create_security_group          = optional(bool)
    security_group_name            = optional(string)
    security_group_use_name_prefix = optional(bool)
    security_group_ingress_rules = optional(map(object({
      name                         = optional(string)
      cidr_ipv4                    = optional(string)
      cidr_ipv6                    = optional(string)
      description                  = optional(string)
      from_port                    = optional(string)
      ip_protocol                  = optional(string)
      prefix_list_id               = optional(string)
      referenced_security_group_id = optional(string)
      self                         = optional(bool)
      tags                         = optional(map(string))
      to_port                      = optional(string)
    })))
    security_group_egress_rules = optional(map(any))
    tags                        = optional(map(string))
  }))
  default = null
#@ }
}

variable "self_managed_node_groups" {
  default = {} #@ < 21.0.0

#@ >= 21.0.0 {
  type = map(object({
    create                          = optional(bool)
    name                            = optional(string)
    create_launch_template          = optional(bool)
#! lines eks-group-type.part.hcl
  }))
    create_security_group          = optional(bool)
    security_group_name            = optional(string)
    security_group_use_name_prefix = optional(bool)
    security_group_ingress_rules = optional(map(object({
      name                         = optional(string)
      cidr_ipv4                    = optional(string)
      cidr_ipv6                    = optional(string)
      description                  = optional(string)
      from_port                    = optional(string)
      ip_protocol                  = optional(string)
      prefix_list_id               = optional(string)
      referenced_security_group_id = optional(string)
      self                         = optional(bool)
      tags                         = optional(map(string))
      to_port                      = optional(string)
    })))
    security_group_egress_rules = optional(map(any))
    tags                        = optional(map(string))
  }))
  default = null
#@ }
}

locals {
  cluster      = var.cluster_name     #@ < 21.0.0
  cluster      = var.name             #@ >= 21.0.0
  separator    = "-"                  #@ < 18.0.3
  separator    = var.prefix_separator #@ >= 18.0.3
  on_outposts  = false                          #@ < 19.0.0
  on_outposts  = length(var.outpost_config) > 0 #@ >= 19.0.0, < 21.0.0
  on_outposts  = var.outpost_config != null     #@ >= 21.0.0

  create_cluster_group = var.create && var.create_cluster_security_group #@ < 21.0.0
  create_cluster_group = var.create && var.create_security_group         #@ >= 21.0.0
  cluster_group_prefix = var.cluster_security_group_use_name_prefix      #@ < 21.0.0
  cluster_group_prefix = var.security_group_use_name_prefix              #@ >= 21.0.0
  cluster_group_name   = coalesce(var.cluster_security_group_name, "${var.cluster_name}-cluster") #@ < 21.0.0
  cluster_group_name   = coalesce(var.security_group_name, "${var.name}-cluster")                 #@ >= 21.0.0

  create_node_group = var.create && var.create_node_security_group
  node_group_name   = coalesce(var.node_security_group_name, "${local.cluster}-node")

#@ < 21.0.0 {
  metadata_options = {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }
#@ }
}

resource "aws_security_group" "cluster" {
  count = local.create_cluster_group ? 1 : 0

  name        = local.cluster_group_prefix ? null : local.cluster_group_name
  name_prefix = local.cluster_group_prefix ? "${local.cluster_group_name}${local.separator}" : null
  tags        = merge(var.tags, { Name = local.cluster_group_name })
}

# The module's own rules are between the cluster and its nodes: they let nobody else in.
resource "aws_security_group_rule" "cluster" {
  for_each = { for k, v in var.cluster_security_group_additional_rules : k => v if local.create_cluster_group } #@ < 21.0.0
  for_each = { for k, v in var.security_group_additional_rules : k => v if local.create_cluster_group }         #@ >= 21.0.0

  security_group_id = aws_security_group.cluster[0].id
#! lines eks-rule.part.hcl

  source_security_group_id = try(each.value.source_node_security_group, false) ? aws_security_group.node[0].id : try(each.value.source_security_group_id, null)
}

resource "aws_security_group" "node" {
  count = local.create_node_group ? 1 : 0

  name        = var.node_security_group_use_name_prefix ? null : local.node_group_name
  name_prefix = var.node_security_group_use_name_prefix ? "${local.node_group_name}${local.separator}" : null
  tags        = merge(var.tags, { Name = local.node_group_name, "kubernetes.io/cluster/${local.cluster}" = "owned" })
}

resource "aws_security_group_rule" "node" {
  for_each = { for k, v in var.node_security_group_additional_rules : k => v if local.create_node_group }

  security_group_id = aws_security_group.node[0].id
#! lines eks-rule.part.hcl

  source_security_group_id = try(each.value.source_cluster_security_group, false) ? aws_security_group.cluster[0].id : try(each.value.source_security_group_id, null)
}

#@ >= 18.25.0 {
module "kms" {
  source = "./kms"

  create = var.create && var.create_kms_key                                                                      #@ < 19.0.0
  create = var.create && var.create_kms_key && length(var.cluster_encryption_config) > 0 && !local.on_outposts   #@ >= 19.0.0, < 21.0.0
  create = var.create && var.create_kms_key && var.encryption_config != null && !local.on_outposts               #@ >= 21.0.0

  enable_key_rotation = var.enable_kms_key_rotation
  tags                = var.tags
}
#@ }

module "eks_managed_node_group" {
  source = "./modules/eks-managed-node-group"

#@ < 21.0.0 {
  for_each = { for k, v in var.eks_managed_node_groups : k => v if var.create && !local.on_outposts }

  create                          = try(each.value.create, true) #@ >= 18.5.0
  name                            = try(each.value.name, each.key)
  create_launch_template          = try(each.value.create_launch_template, var.eks_managed_node_group_defaults.create_launch_template, true)
  use_custom_launch_template      = try(each.value.use_custom_launch_template, var.eks_managed_node_group_defaults.use_custom_launch_template, true) #@ >= 19.0.0
  launch_template_name            = try(each.value.launch_template_name, each.key)                                                           #@ < 18.11.0
  launch_template_name            = try(each.value.launch_template_name, var.eks_managed_node_group_defaults.launch_template_name, each.key) #@ >= 18.11.0
  launch_template_use_name_prefix = try(each.value.launch_template_use_name_prefix, var.eks_managed_node_group_defaults.launch_template_use_name_prefix, true)
  metadata_options                = try(each.value.metadata_options, var.eks_managed_node_group_defaults.metadata_options, local.metadata_options)
#@ }

#! lines eks-group-rules-of-old.part.hcl with DEFAULTS = eks_managed_node_group_defaults

#@ >= 21.0.0 {
  for_each = var.create && !local.on_outposts && var.eks_managed_node_groups != null ? var.eks_managed_node_groups : {}

  create                          = each.value.create
  cluster_name                    = var.name
  name                            = coalesce(each.value.name, each.key)
  create_launch_template          = each.value.create_launch_template
  use_custom_launch_template      = each.value.use_custom_launch_template
#! lines eks-group-arguments.part.hcl
#@ }

  tags = merge(var.tags, try(each.value.tags, var.eks_managed_node_group_defaults.tags, {})) #@ < 21.0.0
  tags = merge(var.tags, each.value.tags)                                                    #@ >= 21.0.0
}

module "self_managed_node_group" {
  source = "./modules/self-managed-node-group"

#@ < 21.0.0 {
  for_each = { for k, v in var.self_managed_node_groups : k => v if var.create }

  create                          = try(each.value.create, true) #@ >= 18.5.0
  name                            = try(each.value.name, each.key)
  create_launch_template          = try(each.value.create_launch_template, var.self_managed_node_group_defaults.create_launch_template, true)
  launch_template_name            = try(each.value.launch_template_name, each.key)                                                            #@ < 18.11.0
  launch_template_name            = try(each.value.launch_template_name, var.self_managed_node_group_defaults.launch_template_name, each.key) #@ >= 18.11.0
  launch_template_use_name_prefix = try(each.value.launch_template_use_name_prefix, var.self_managed_node_group_defaults.launch_template_use_name_prefix, true) #@ >= 18.2.4
  metadata_options                = try(each.value.metadata_options, var.self_managed_node_group_defaults.metadata_options, local.metadata_options)
#@ }

#! lines eks-group-rules-of-old.part.hcl with DEFAULTS = self_managed_node_group_defaults

#@ >= 21.0.0 {
  for_each = var.create && var.self_managed_node_groups != null ? var.self_managed_node_groups : {}

  create                          = each.value.create
  cluster_name                    = var.name
  name                            = coalesce(each.value.name, each.key)
  create_launch_template          = each.value.create_launch_template
#! lines eks-group-arguments.part.hcl
#@ }

  tags = merge(var.tags, try(each.value.tags, var.self_managed_node_group_defaults.tags, {})) #@ < 21.0.0
  tags = merge(var.tags, each.value.tags)                                                     #@ >= 21.0.0
}

output "cluster_security_group_id" {
  value = local.create_cluster_group ? aws_security_group.cluster[0].id : var.cluster_security_group_id #@ < 21.0.0
  value = local.create_cluster_group ? aws_security_group.cluster[0].id : var.security_group_id         #@ >= 21.0.0
}

output "node_security_group_id" {
  value = local.create_node_group ? aws_security_group.node[0].id : var.node_security_group_id
}

#@ >= 18.25.0 {
output "kms_key_id" {
  value = module.kms.key_id
}

output "kms_key_arn" {
  value = module.kms.key_arn
}
#@ }
#@ }
#! file kms
#@ >= 18.25.0 {
variable "create" {
  default = true
}

variable "enable_key_rotation" {
  default = true
}

variable "tags" {
  default = {}
}

resource "aws_kms_key" "this" {
  count = var.create ? 1 : 0

  enable_key_rotation = var.enable_key_rotation
  key_usage           = "ENCRYPT_DECRYPT"
  tags                = var.tags
}

output "key_id" {
  value = try(aws_kms_key.this[0].key_id, null)
}

output "key_arn" {
  value = try(aws_kms_key.this[0].arn, null)
}
#@ }
