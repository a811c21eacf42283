#@ < 19.0.0 {
  create_security_group          = try(each.value.create_security_group, var.$DEFAULTS.create_security_group, true)
  security_group_name            = try(each.value.security_group_name, var.$DEFAULTS.security_group_name, null)
  security_group_use_name_prefix = try(each.value.security_group_use_name_prefix, var.$DEFAULTS.security_group_use_name_prefix, true)
  security_group_rules           = try(each.value.security_group_rules, var.$DEFAULTS.security_group_rules, {})
#@ }
