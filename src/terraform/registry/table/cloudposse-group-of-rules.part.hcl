variable "security_group_enabled" {
  default = true
}

variable "security_group_use_name_prefix" {
  default = false
}

module "security_group" {
  source = "./security-group"

  enabled         = var.enabled != false && var.security_group_enabled
  use_name_prefix = var.security_group_use_name_prefix
  description     = var.security_group_description
  rules           = var.security_group_rules
  tags            = var.tags
}

output "security_group_id" {
  value = module.security_group.id
}
