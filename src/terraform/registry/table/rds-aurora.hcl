#! module terraform-aws-modules/rds-aurora/aws
#! known 6.0.0 10.2.0

#@ < 8.0.0 {
variable "create_cluster" {
  default = true
}
#@ }

#@ >= 8.0.0 {
variable "create" {
  default = true
}
#@ }

variable "name" {
  default = ""
}

#@ >= 7.4.0 {
variable "cluster_use_name_prefix" {
  default = false
}
#@ }

variable "engine_mode" {
  default = null
}

variable "instances" {
  default = {}

#@ >= 10.0.0 {
  type = map(object({
    identifier          = optional(string)
    identifier_prefix   = optional(string)
    publicly_accessible = optional(bool)
  }))
  nullable = false
#@ }
}

variable "instances_use_identifier_prefix" {
  default = false
}

#@ < 10.0.0 {
variable "publicly_accessible" {
  default = null
}
#@ }

variable "deletion_protection" {
  default = null
}

variable "tags" {
  default = {}
}

locals {
  create        = var.create_cluster #@ < 8.0.0
  create        = var.create         #@ >= 8.0.0
  is_serverless = try(var.engine_mode == "serverless", false)
}

resource "aws_rds_cluster" "this" {
  count = local.create ? 1 : 0

  cluster_identifier        = var.name                                                #@ < 7.4.0
  cluster_identifier        = var.cluster_use_name_prefix ? null : var.name           #@ >= 7.4.0
  cluster_identifier_prefix = var.cluster_use_name_prefix ? "${var.name}-" : null     #@ >= 7.4.0
  deletion_protection       = var.deletion_protection
  tags                      = var.tags
}

resource "aws_rds_cluster_instance" "this" {
  for_each = { for key, instance in var.instances : key => instance if local.create && !local.is_serverless }

  identifier          = var.instances_use_identifier_prefix ? null : try(coalesce(each.value.identifier, "${var.name}-${each.key}"), "${var.name}-${each.key}")
  identifier_prefix   = var.instances_use_identifier_prefix ? try(coalesce(each.value.identifier_prefix, "${var.name}-${each.key}-"), "${var.name}-${each.key}-") : null
  cluster_identifier  = aws_rds_cluster.this[0].id
  publicly_accessible = try(each.value.publicly_accessible, var.publicly_accessible) #@ < 10.0.0
  publicly_accessible = each.value.publicly_accessible                               #@ >= 10.0.0
}
