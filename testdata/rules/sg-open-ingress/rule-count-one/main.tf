variable "enabled" {
  default = true
}

resource "aws_security_group" "app" {
  count = var.enabled ? 1 : 0
}

resource "aws_security_group_rule" "ssh" {
  count             = var.enabled ? 1 : 0
  type              = "ingress"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0"]
  ipv6_cidr_blocks  = ["::/0"]
  security_group_id = aws_security_group.app[0].id
}
