variable "name" {
  type = string
}

variable "cidrs" {
  type = list(string)
}

resource "aws_security_group" "this" {
  name = var.name
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  for_each = toset(var.cidrs)

  security_group_id = aws_security_group.this.id
  cidr_ipv4         = strcontains(each.value, ":") ? null : each.value
  cidr_ipv6         = strcontains(each.value, ":") ? each.value : null
  from_port         = 22
  to_port           = 22
  ip_protocol       = "tcp"
}
