locals {
  launch_template_name = coalesce(var.launch_template_name, "${var.name}-$GROUP")

  create_security_group = var.create && var.create_security_group                     #@ < 19.0.0
  security_group_name   = coalesce(var.security_group_name, "${var.name}-$GROUP") #@ < 19.0.0

#@ >= 21.0.0 {
  ingress_rules         = var.security_group_ingress_rules != null ? var.security_group_ingress_rules : {}
  egress_rules          = var.security_group_egress_rules != null ? var.security_group_egress_rules : {}
  create_security_group = var.create && var.create_security_group && length(local.ingress_rules) + length(local.egress_rules) > 0
  security_group_name   = coalesce(var.security_group_name, "${var.cluster_name}-${var.name}")
#@ }
}
