resource "aws_vpc_security_group_ingress_rule" "$GROUP" {
  for_each = var.$GROUP_security_group_ingress_rules != null && local.create_$GROUP ? var.$GROUP_security_group_ingress_rules : {}

  security_group_id            = aws_security_group.$GROUP[0].id
  ip_protocol                  = each.value.ip_protocol
  cidr_ipv4                    = each.value.cidr_ipv4
  cidr_ipv6                    = each.value.cidr_ipv6
  description                  = each.value.description
  from_port                    = each.value.from_port
  prefix_list_id               = each.value.prefix_list_id
  referenced_security_group_id = each.value.referenced_security_group_id
  to_port                      = try(coalesce(each.value.to_port, each.value.from_port), null)
}

