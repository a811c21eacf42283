variable "name" {
  type = string
}

variable "rules" {
  type = map(list(any))
}

resource "aws_security_group" "this" {
  name = var.name
}

resource "aws_security_group_rule" "this" {
  for_each = var.rules

  type              = "ingress"
  from_port         = each.value[0]
  to_port           = each.value[1]
  protocol          = each.value[2]
  cidr_blocks       = [each.value[3]]
  security_group_id = aws_security_group.this.id
}
