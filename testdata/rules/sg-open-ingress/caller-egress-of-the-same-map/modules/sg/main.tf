variable "name" {
  type = string
}

variable "rules" {
  type = map(object({
    type = string
    port = number
    cidr = string
  }))
}

resource "aws_security_group" "this" {
  name = var.name
}

resource "aws_security_group_rule" "this" {
  for_each = var.rules

  type              = each.value.type
  from_port         = each.value.port
  to_port           = each.value.port
  protocol          = "tcp"
  cidr_blocks       = [each.value.cidr]
  security_group_id = aws_security_group.this.id
}
