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

variable "engine" {
  default = null
}

variable "port" {
  default = null
}

variable "create_security_group" {
  default = true
}

#@ < 8.0.0 {
variable "allowed_cidr_blocks" {
  default = []
}
#@ }

#@ >= 7.1.0 {
variable "security_group_use_name_prefix" {
  default = true
}
#@ }

#@ >= 8.1.0 {
variable "security_group_name" {
  default = ""
}
#@ }

#@ >= 8.0.0, < 10.0.0 {
variable "security_group_rules" {
  default = {}
}
#@ }

#@ >= 10.0.0 {
variable "security_group_ingress_rules" {
#! lines ingress-type.part.hcl
  default  = {}
  nullable = false
}
#@ }

variable "tags" {
  default = {}
}

locals {
  create        = var.create_cluster #@ < 8.0.0
  create        = var.create         #@ >= 8.0.0
  is_serverless = try(var.engine_mode == "serverless", false)

  create_security_group = local.create && var.create_security_group
  security_group_name   = var.name                                              #@ < 8.1.0
  security_group_name   = try(coalesce(var.security_group_name, var.name), "") #@ >= 8.1.0
  port                  = coalesce(var.port, try(contains(["aurora-postgresql", "postgres"], var.engine), false) ? 5432 : 3306)
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

#@ < 7.1.0 {
resource "aws_security_group" "this" {
  count = local.create_security_group ? 1 : 0

  name_prefix = "${var.name}-"
  tags        = merge(var.tags, { Name = var.name })
}

output "security_group_id" {
  value = try(aws_security_group.this[0].id, null)
}
#@ }

#@ >= 7.1.0 {
#! lines own-group.part.hcl
#@ }

#@ < 8.0.0 {
resource "aws_security_group_rule" "cidr_ingress" {
  count = local.create_security_group && length(var.allowed_cidr_blocks) > 0 ? 1 : 0

  security_group_id = aws_security_group.this[0].id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = local.port
  to_port           = local.port
  cidr_blocks       = var.allowed_cidr_blocks
}
#@ }

#@ >= 8.0.0, < 10.0.0 {
#! lines rules-of-any.part.hcl with PORT = local.port
#@ }

#@ >= 10.0.0 {
#! lines ingress.part.hcl with PORT = local.port
#@ }
