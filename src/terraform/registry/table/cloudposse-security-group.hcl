#! module cloudposse/security-group/aws
#! known 0.3.0 2.2.0

#! lines cloudposse-label.part.hcl

#@ < 0.4.0 {
variable "security_group_enabled" {
  default = true
}

variable "use_name_prefix" {
  default = false
}

variable "description" {
  default = "Managed by Terraform"
}

variable "id" {
  default = ""
}

variable "rules" {
  default = null
}

locals {
  own_group = var.enabled != false && var.security_group_enabled
  group_id  = var.security_group_enabled ? try(aws_security_group.default[0].id, "") : var.id

  by_key = {
    for i, rule in flatten(var.rules[*]) :
    "${rule.type}-${rule.protocol}-${rule.from_port}-${rule.to_port}-${md5(try(rule.description, null) != null ? rule.description : "Managed by Terraform #${i}")}" => rule
    if var.enabled != false
  }
}

resource "aws_security_group" "default" {
  count = local.own_group ? 1 : 0

  name        = var.use_name_prefix ? null : var.label_id
  name_prefix = var.use_name_prefix ? "${var.label_id}-" : null
  description = var.description
  tags        = var.tags
}

resource "aws_security_group_rule" "default" {
  for_each = local.by_key

  security_group_id        = local.group_id
  type                     = each.value.type
  protocol                 = each.value.protocol
  from_port                = each.value.from_port
  to_port                  = each.value.to_port
  cidr_blocks              = try(length(each.value.cidr_blocks), 0) > 0 ? each.value.cidr_blocks : null
  ipv6_cidr_blocks         = try(length(each.value.ipv6_cidr_blocks), 0) > 0 ? each.value.ipv6_cidr_blocks : null
  prefix_list_ids          = try(length(each.value.prefix_list_ids), 0) > 0 ? each.value.prefix_list_ids : null
  description              = try(each.value.description, "Managed by Terraform")
  self                     = try(each.value.self, null) == true ? true : null
  source_security_group_id = try(each.value.source_security_group_id, null)
}
#@ }

#@ >= 0.4.0 {
variable "target_security_group_id" {
  default = []
}

variable "security_group_name" {
  default = []
}

variable "security_group_description" {
  default = "Managed by Terraform"
}

variable "create_before_destroy" {
  default = false #@ < 2.0.0
  default = true  #@ >= 2.0.0
}

#@ >= 2.0.0 {
variable "preserve_security_group_id" {
  default = false
}
#@ }

variable "inline_rules_enabled" {
  default = false
}

variable "rules" {
  default = []
}

variable "rules_map" {
  default = {}
}

variable "rule_matrix" {
  default = []
}

locals {
  enabled   = var.enabled != false
  own_group = local.enabled && length(var.target_security_group_id) == 0
  group_id  = local.own_group ? try(aws_security_group.cbd[0].id, aws_security_group.default[0].id) : var.target_security_group_id[0]
  keep      = var.preserve_security_group_id || length(var.target_security_group_id) > 0 #@ >= 2.0.0
  group_tag = try(length(var.security_group_name[0]), 0) > 0 ? { Name = var.security_group_name[0] } : {}

  listed = flatten([
    for name, rules in merge({ _list_ = var.rules }, var.rules_map) : [
      for i, rule in rules : {
        key  = coalesce(try(rule.key, null), "${name}[${i}]")
        what = rule
        whom = rule
      }
    ] if local.enabled
  ])

  # Of what a subject names, only networks can let everybody in; groups and the group itself are rules of their own.
  crossed = flatten([
    for i, subject in var.rule_matrix[*] : [
      for j, rule in subject.rules : {
        key  = "${coalesce(try(subject.key, null), "_m[${i}]")}#${coalesce(try(rule.key, null), "[${j}]")}#cidr"
        what = rule
        whom = subject
      } if try(length(subject.cidr_blocks), 0) + try(length(subject.ipv6_cidr_blocks), 0) + try(length(subject.prefix_list_ids), 0) > 0
    ] if local.enabled
  ])

  apart  = { for rule in concat(local.listed, local.crossed) : rule.key => rule if !var.inline_rules_enabled }
  within = [for rule in concat(local.listed, local.crossed) : rule if var.inline_rules_enabled && rule.what.type == "ingress"]
}

resource "aws_security_group" "default" {
  count = local.own_group && !var.create_before_destroy ? 1 : 0

  name        = try(var.security_group_name[0], var.label_id)
  description = var.security_group_description
  tags        = merge(var.tags, local.group_tag)

#! lines cloudposse-ingress-within.part.hcl
}

resource "aws_security_group" "cbd" {
  count = local.own_group && var.create_before_destroy ? 1 : 0

  name_prefix = try(var.security_group_name[0], "${var.label_id}-")
  description = var.security_group_description
  tags        = merge(var.tags, local.group_tag)

#! lines cloudposse-ingress-within.part.hcl

#@ >= 2.0.0 {
  # Its name is made of the rules: a change of one makes another group.
  lifecycle {
    replace_triggered_by = [aws_security_group_rule.keyed]
  }
#@ }
}

resource "aws_security_group_rule" "keyed" {
  for_each = local.apart                                                                                    #@ < 2.0.0
  for_each = { for key, rule in local.apart : key => rule if var.create_before_destroy && !local.keep } #@ >= 2.0.0

#! lines cloudposse-rule.part.hcl
}

#@ >= 2.0.0 {
resource "aws_security_group_rule" "dbc" {
  for_each = { for key, rule in local.apart : key => rule if !var.create_before_destroy || local.keep }

#! lines cloudposse-rule.part.hcl
}
#@ }
#@ }

output "id" {
  value = local.group_id
}
