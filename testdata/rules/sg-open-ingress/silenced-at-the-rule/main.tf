resource "aws_security_group" "app" {}

resource "aws_security_group_rule" "ssh" {
  #checkov:skip=CKV_AWS_24:demo
  type              = "ingress"
  from_port         = 22
  to_port           = 22
  protocol          = "tcp"
  cidr_blocks       = ["0.0.0.0/0"]
  security_group_id = aws_security_group.app.id
}
