#! module cloudposse/rds/aws
#! known 0.30.0 1.3.0

#! lines cloudposse-label.part.hcl

variable "publicly_accessible" {
  default = false
}

variable "deletion_protection" {
  default = false
}

variable "allowed_cidr_blocks" {
  default = []
}

variable "database_port" {}

resource "aws_db_instance" "default" {
  count = var.enabled != false ? 1 : 0

  identifier          = var.label_id
  publicly_accessible = var.publicly_accessible
  deletion_protection = var.deletion_protection
  tags                = var.tags
}

resource "aws_security_group" "default" {
  count = var.enabled != false ? 1 : 0

  name = var.label_id
  tags = var.tags
}

resource "aws_security_group_rule" "ingress_cidr_blocks" {
  count = var.enabled != false && length(var.allowed_cidr_blocks) > 0 ? 1 : 0

  security_group_id = aws_security_group.default[0].id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = var.database_port
  to_port           = var.database_port
  cidr_blocks       = var.allowed_cidr_blocks
}

output "security_group_id" {
  value = try(aws_security_group.default[0].id, "")
}
