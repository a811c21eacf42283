variable "name" {
  type = string
}

variable "ports" {
  type = list(number)
}

variable "cidrs" {
  type = list(string)
}

resource "aws_security_group" "this" {
  name = var.name
}

resource "aws_security_group_rule" "this" {
  count = length(var.ports)

  type              = "ingress"
  from_port         = var.ports[count.index]
  to_port           = var.ports[count.index]
  protocol          = "tcp"
  cidr_blocks       = [var.cidrs[count.index]]
  security_group_id = aws_security_group.this.id
}
