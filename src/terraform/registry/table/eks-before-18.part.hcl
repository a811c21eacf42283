variable "create_eks" {
  default = true
}

variable "cluster_name" {
  default = "" #@ >= 17.19.0
}

variable "cluster_create_security_group" {
  default = true
}

variable "worker_create_security_group" {
  default = true
}

variable "workers_group_defaults" {
  default = {}
}

variable "worker_groups_launch_template" {
  default = []
}

variable "node_groups_defaults" {
  default = {}
}

variable "node_groups" {
  default = {}
}

variable "tags" {
  default = {}
}

# Workers of `worker_groups` have launch configurations, which no rule is about.
resource "aws_launch_template" "workers_launch_template" {
  count = var.create_eks ? length(var.worker_groups_launch_template) : 0

  name_prefix = "${var.cluster_name}-${lookup(var.worker_groups_launch_template[count.index], "name", count.index)}"
  tags        = var.tags

  metadata_options {
    http_endpoint               = lookup(var.worker_groups_launch_template[count.index], "metadata_http_endpoint", lookup(var.workers_group_defaults, "metadata_http_endpoint", "enabled"))
    http_tokens                 = lookup(var.worker_groups_launch_template[count.index], "metadata_http_tokens", lookup(var.workers_group_defaults, "metadata_http_tokens", "optional"))
    http_put_response_hop_limit = lookup(var.worker_groups_launch_template[count.index], "metadata_http_put_response_hop_limit", lookup(var.workers_group_defaults, "metadata_http_put_response_hop_limit", null))
  }
}

# The module's own rules are between the cluster and its workers: they let nobody else in.
resource "aws_security_group" "cluster" {
  count = var.cluster_create_security_group && var.create_eks ? 1 : 0

  name_prefix = var.cluster_name
  tags        = merge(var.tags, { Name = "${var.cluster_name}-eks_cluster_sg" })
}

resource "aws_security_group" "workers" {
  count = var.worker_create_security_group && var.create_eks ? 1 : 0

  name_prefix = var.cluster_name
  tags        = merge(var.tags, { Name = "${var.cluster_name}-eks_worker_sg", "kubernetes.io/cluster/${var.cluster_name}" = "owned" })
}

module "node_groups" {
  source = "./modules/node_groups"

  create_eks             = var.create_eks
  cluster_name           = var.cluster_name
  workers_group_defaults = var.workers_group_defaults
  node_groups_defaults   = var.node_groups_defaults
  node_groups            = var.node_groups
  tags                   = var.tags
}

output "cluster_security_group_id" {
  value = try(aws_security_group.cluster[0].id, "")
}

output "worker_security_group_id" {
  value = try(aws_security_group.workers[0].id, "")
}
