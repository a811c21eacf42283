variable "group" {
  type = string
}

variable "port" {
  type = number
}

variable "cidr" {
  type = string
}

resource "aws_security_group_rule" "this" {
  type              = "ingress"
  from_port         = var.port
  to_port           = var.port
  protocol          = "tcp"
  cidr_blocks       = [var.cidr]
  security_group_id = var.group
}
