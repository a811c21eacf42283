resource "aws_security_group_rule" "$GROUP" {
  for_each = { for k, v in var.$GROUP_security_group_rules : k => v if local.create_$GROUP }

  security_group_id        = aws_security_group.$GROUP[0].id
  type                     = try(each.value.type, "egress")
  protocol                 = try(each.value.protocol, "tcp")
  from_port                = each.value.from_port
  to_port                  = each.value.to_port
  cidr_blocks              = try(each.value.cidr_blocks, null)
  ipv6_cidr_blocks         = try(each.value.ipv6_cidr_blocks, null)
  prefix_list_ids          = try(each.value.prefix_list_ids, null)
  description              = try(each.value.description, null)
  self                     = try(each.value.self, null)
  source_security_group_id = try(each.value.source_security_group_id, null)
}

