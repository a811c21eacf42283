variable "how_many" {
  type = number
}

resource "aws_security_group" "this" {
  count = var.how_many
}

resource "aws_security_group_rule" "in" {
  type              = "ingress"
  protocol          = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_blocks       = ["0.0.0.0/0"]
  security_group_id = join("", aws_security_group.this[*].id)
}
