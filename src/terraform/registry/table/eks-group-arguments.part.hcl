  launch_template_name            = coalesce(each.value.launch_template_name, each.key)
  launch_template_use_name_prefix = each.value.launch_template_use_name_prefix
  metadata_options                = each.value.metadata_options
  create_security_group           = each.value.create_security_group
  security_group_name             = each.value.security_group_name
  security_group_use_name_prefix  = each.value.security_group_use_name_prefix
  security_group_ingress_rules    = each.value.security_group_ingress_rules
  security_group_egress_rules     = each.value.security_group_egress_rules
