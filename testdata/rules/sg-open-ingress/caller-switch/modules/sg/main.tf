variable "name" {
  type = string
}

variable "allow_ssh" {
  type    = bool
  default = false
}

resource "aws_security_group" "this" {
  name = var.name
}

resource "aws_security_group_rule" "ssh" {
  count = var.allow_ssh ? 1 : 0

  type              = "ingress"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0"]
  security_group_id = aws_security_group.this.id
}
