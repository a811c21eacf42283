variable "name" {
  type = string
}

variable "allow" {
  type = set(string)
}

locals {
  known = {
    https = { port = 443, cidr = "0.0.0.0/0" }
    ssh   = { port = 22, cidr = "0.0.0.0/0" }
    vpn   = { port = 1194, cidr = "0.0.0.0/0" }
  }
}

resource "aws_security_group" "this" {
  name = var.name
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = { for name in var.allow : name => local.known[name] }

  security_group_id = aws_security_group.this.id
  cidr_ipv4         = each.value.cidr
  from_port         = each.value.port
  to_port           = each.value.port
  ip_protocol       = "tcp"
}
