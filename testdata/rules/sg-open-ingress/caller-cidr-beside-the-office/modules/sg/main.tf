variable "name" {
  type = string
}

variable "rules" {
  type = map(object({
    port        = number
    cidr_blocks = optional(list(string), [])
    ipv6        = optional(list(string), [])
  }))
  default = {}
}

resource "aws_security_group" "this" {
  name = var.name
}

resource "aws_security_group_rule" "this" {
  for_each = var.rules

  type              = "ingress"
  from_port         = each.value.port
  to_port           = each.value.port
  protocol          = "tcp"
  cidr_blocks       = each.value.cidr_blocks
  ipv6_cidr_blocks  = each.value.ipv6
  security_group_id = aws_security_group.this.id
}
