#! module terraform-aws-modules/eks/aws//modules/node_groups
#! known 15.2.0 17.24.0

variable "create_eks" {
  default = true
}

variable "cluster_name" {
  default = "" #@ >= 17.19.0
}

variable "workers_group_defaults" {
  default = {} #@ >= 17.19.0
}

variable "node_groups_defaults" {
  default = {} #@ >= 17.19.0
}

variable "node_groups" {
  default = {}
}

variable "tags" {
  default = {}
}

locals {
  groups = {
    for name, group in var.node_groups : name => merge(
      { metadata_http_endpoint = try(var.workers_group_defaults.metadata_http_endpoint, "enabled") },
      { metadata_http_tokens = try(var.workers_group_defaults.metadata_http_tokens, "optional") },
      { create_launch_template = false },
      var.node_groups_defaults,
      group
    ) if var.create_eks
  }
}

resource "aws_launch_template" "workers" {
  for_each = { for name, group in local.groups : name => group if group.create_launch_template }

  name_prefix = lookup(each.value, "name", lookup(each.value, "name_prefix", "${var.cluster_name}-${each.key}"))
  tags        = var.tags

#@ >= 17.18.0 {
  metadata_options {
    http_endpoint = lookup(each.value, "metadata_http_endpoint", null)
    http_tokens   = lookup(each.value, "metadata_http_tokens", null)
  }
#@ }
}
