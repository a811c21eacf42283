#! module cloudposse/rds-cluster/aws
#! known 0.44.0 2.5.0

#! lines cloudposse-label.part.hcl

variable "cluster_identifier" {
  default = ""
}

variable "cluster_type" {
  default = "regional"
}

variable "cluster_size" {
  default = 2
}

variable "publicly_accessible" {
  default = false
}

variable "deletion_protection" {
  default = false
}

variable "db_port" {
  default = 3306
}

variable "allowed_cidr_blocks" {
  default = []
}

#@ >= 1.11.2 {
variable "allowed_ipv6_cidr_blocks" {
  default = []
}
#@ }

locals {
  enabled    = var.enabled != false
  regional   = var.cluster_type == "regional"
  identifier = var.cluster_identifier == "" ? var.label_id : var.cluster_identifier
}

resource "aws_rds_cluster" "primary" {
  count = local.enabled && local.regional ? 1 : 0

  cluster_identifier  = local.identifier
  deletion_protection = var.deletion_protection
  tags                = var.tags
}

resource "aws_rds_cluster" "secondary" {
  count = local.enabled && !local.regional ? 1 : 0

  cluster_identifier  = local.identifier
  deletion_protection = var.deletion_protection
  tags                = var.tags
}

resource "aws_rds_cluster_instance" "default" {
  count = local.enabled ? var.cluster_size : 0

  publicly_accessible = var.publicly_accessible
  tags                = var.tags
}

resource "aws_security_group" "default" {
  count = local.enabled ? 1 : 0

  name = var.label_id
  tags = var.tags
}

resource "aws_security_group_rule" "ingress_cidr_blocks" {
  count = local.enabled && length(var.allowed_cidr_blocks) > 0 ? 1 : 0

  security_group_id = aws_security_group.default[0].id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = var.db_port
  to_port           = var.db_port
  cidr_blocks       = var.allowed_cidr_blocks
}

#@ >= 1.11.2 {
resource "aws_security_group_rule" "ingress_ipv6_cidr_blocks" {
  count = local.enabled && length(var.allowed_ipv6_cidr_blocks) > 0 ? 1 : 0

  security_group_id = aws_security_group.default[0].id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = var.db_port
  to_port           = var.db_port
  ipv6_cidr_blocks  = var.allowed_ipv6_cidr_blocks
}
#@ }

output "security_group_id" {
  value = try(aws_security_group.default[0].id, "")
}
