resource "aws_security_group_rule" "more" {
  type = "ingress"
  from_port = 
