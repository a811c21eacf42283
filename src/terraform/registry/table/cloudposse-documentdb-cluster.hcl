#! module cloudposse/documentdb-cluster/aws
#! known 0.8.0 1.1.0

#! lines cloudposse-label.part.hcl

variable "db_port" {
  default = 27017
}

variable "allowed_cidr_blocks" {
  default = []
}

resource "aws_security_group" "default" {
  count = var.enabled != false ? 1 : 0

  name        = var.label_id
  description = "Security Group for DocumentDB cluster"
  tags        = var.tags
}

resource "aws_security_group_rule" "ingress_cidr_blocks" {
  count = var.enabled != false && length(var.allowed_cidr_blocks) > 0 ? 1 : 0

  security_group_id = aws_security_group.default[0].id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = var.db_port
  to_port           = var.db_port
  cidr_blocks       = var.allowed_cidr_blocks
}

output "security_group_id" {
  value = try(aws_security_group.default[0].id, "")
}
