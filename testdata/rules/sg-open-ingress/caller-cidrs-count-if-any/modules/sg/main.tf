variable "name" {
  type = string
}

variable "ssh_cidrs" {
  type    = list(string)
  default = []
}

resource "aws_security_group" "this" {
  name = var.name
}

resource "aws_security_group_rule" "ssh" {
  count = length(var.ssh_cidrs) > 0 ? 1 : 0

  type              = "ingress"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = var.ssh_cidrs
  security_group_id = aws_security_group.this.id
}
