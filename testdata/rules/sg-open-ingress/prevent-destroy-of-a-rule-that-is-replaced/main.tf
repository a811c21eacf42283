resource "aws_security_group" "web" {
  name = "web"
}

resource "aws_security_group_rule" "ssh" {
  type              = "ingress"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0", "192.0.2.0/24"]
  security_group_id = aws_security_group.web.id

  lifecycle {
    prevent_destroy = true
  }
}
