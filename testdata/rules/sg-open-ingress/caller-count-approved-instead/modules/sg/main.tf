variable "name" {
  type = string
}

variable "rules" {
  type = list(object({
    port        = number
    cidr_blocks = list(string)
  }))
  default = []
}

resource "aws_security_group" "this" {
  name = var.name
}

resource "aws_security_group_rule" "this" {
  count = length(var.rules)

  type              = "ingress"
  from_port         = var.rules[count.index].port
  to_port           = var.rules[count.index].port
  protocol          = "tcp"
  cidr_blocks       = var.rules[count.index].cidr_blocks
  security_group_id = aws_security_group.this.id
}
