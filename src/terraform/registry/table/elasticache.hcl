#! module terraform-aws-modules/elasticache/aws
#! known 1.0.0 1.10.3

variable "create" {
  default = true
}

variable "cluster_id" {
  default = ""
}

variable "replication_group_id" {
  default = null
}

variable "engine" {
  default = "redis"
}

variable "create_security_group" {
  default = true
}

variable "security_group_name" {
  default = null
}

variable "security_group_use_name_prefix" {
  default = true
}

variable "security_group_rules" {
  default = {}
}

variable "create_cluster" {
  default = false
}

variable "create_replication_group" {
  default = true
}

variable "notification_topic_arn" {
  default = null
}

variable "tags" {
  default = {}
}

locals {
  create_security_group = var.create && var.create_security_group
  security_group_name   = try(coalesce(var.security_group_name, var.cluster_id, var.replication_group_id), "")
  port                  = var.engine == "memcached" ? 11211 : 6379
}

#! lines own-group.part.hcl

#! lines ingress-of-any.part.hcl with PORT = local.port

# Whom they tell of themselves.
resource "aws_elasticache_cluster" "this" {
  count = var.create && var.create_cluster ? 1 : 0

  notification_topic_arn = var.notification_topic_arn
}

resource "aws_elasticache_replication_group" "this" {
  count = var.create && var.create_replication_group ? 1 : 0

  notification_topic_arn = var.notification_topic_arn
}
