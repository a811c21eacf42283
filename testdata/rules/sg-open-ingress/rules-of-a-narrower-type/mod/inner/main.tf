variable "security_group_ingress_rules" {
  type = map(object({
    name        = optional(string)
    cidr_ipv4   = optional(string)
    from_port   = optional(string)
    ip_protocol = optional(string, "tcp")
  }))
  default  = {}
  nullable = false
}

resource "aws_security_group" "this" {
  count = 1
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = var.security_group_ingress_rules

  cidr_ipv4         = each.value.cidr_ipv4
  from_port         = each.value.from_port
  to_port           = each.value.from_port
  ip_protocol       = each.value.ip_protocol
  security_group_id = aws_security_group.this[0].id
}
