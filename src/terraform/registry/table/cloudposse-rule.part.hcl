  security_group_id        = local.group_id
  type                     = each.value.what.type
  protocol                 = each.value.what.protocol
  from_port                = each.value.what.from_port
  to_port                  = each.value.what.to_port
  description              = try(each.value.what.description, "Managed by Terraform")
  cidr_blocks              = try(length(each.value.whom.cidr_blocks), 0) > 0 ? each.value.whom.cidr_blocks : null
  ipv6_cidr_blocks         = try(length(each.value.whom.ipv6_cidr_blocks), 0) > 0 ? each.value.whom.ipv6_cidr_blocks : null
  prefix_list_ids          = try(length(each.value.whom.prefix_list_ids), 0) > 0 ? each.value.whom.prefix_list_ids : null
  self                     = try(each.value.what.self, null) == true ? true : null
  source_security_group_id = try(each.value.whom.source_security_group_id, null)
