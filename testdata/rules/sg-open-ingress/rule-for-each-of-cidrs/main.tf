variable "cidrs" {
  default = ["10.0.0.0/8", "0.0.0.0/0"]
}

resource "aws_security_group" "app" {}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  for_each = toset(var.cidrs)

  security_group_id = aws_security_group.app.id
  cidr_ipv4         = each.value
  from_port         = 22
  to_port           = 22
  ip_protocol       = "tcp"
}
