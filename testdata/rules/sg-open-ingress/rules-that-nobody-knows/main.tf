variable "rules" {}

resource "aws_security_group" "g" {
  count = 1
  name  = "g"
}

resource "aws_security_group_rule" "r" {
  for_each          = var.rules
  type              = "ingress"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  security_group_id = aws_security_group.g[0].id
  cidr_blocks       = each.value.cidr_blocks
}
