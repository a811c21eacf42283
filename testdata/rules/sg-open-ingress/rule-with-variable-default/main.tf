variable "admin_cidr" {
  default = "0.0.0.0/0"
}

resource "aws_security_group" "app" {}

resource "aws_security_group_rule" "ssh" {
  type              = "ingress"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = [var.admin_cidr, "10.0.0.0/8"]
  security_group_id = aws_security_group.app.id
}
