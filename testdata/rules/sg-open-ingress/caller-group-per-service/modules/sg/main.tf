variable "services" {
  type = map(object({
    port = number
  }))
}

resource "aws_security_group" "this" {
  for_each = var.services

  name = each.key
}

resource "aws_security_group_rule" "this" {
  for_each = var.services

  type              = "ingress"
  from_port         = each.value.port
  to_port           = each.value.port
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0"]
  security_group_id = aws_security_group.this[each.key].id
}
