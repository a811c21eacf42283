variable "name" {
  type = string
}

variable "rules" {
  type = map(object({
    cidr_ipv4 = optional(string)
    cidr_ipv6 = optional(string)
    port      = number
  }))
  default = {}
}

resource "aws_security_group" "this" {
  name = var.name
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = var.rules

  security_group_id = aws_security_group.this.id
  cidr_ipv4         = each.value.cidr_ipv4
  cidr_ipv6         = each.value.cidr_ipv6
  from_port         = each.value.port
  to_port           = each.value.port
  ip_protocol       = "tcp"
}
