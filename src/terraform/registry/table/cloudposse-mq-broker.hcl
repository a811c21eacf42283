#! module cloudposse/mq-broker/aws
#! known 2.0.0 3.5.1
#! include cloudposse-security-group.hcl at 1.0.1 in security-group-1
#! include cloudposse-security-group.hcl at 2.2.0 in security-group-2

#! lines cloudposse-label.part.hcl

#! lines cloudposse-own-group.part.hcl

variable "use_existing_security_groups" {
  default = null
}

variable "security_group_create_before_destroy" {
  default = true
}

#@ >= 3.0.0 {
variable "preserve_security_group_id" {
  default = false
}
#@ }

variable "security_group_description" {
  default = "Managed by Terraform"
}

variable "allowed_ipv6_cidr_blocks" {
  default = []
}

variable "allowed_ipv6_prefix_list_ids" {
  default = []
}

variable "allowed_ingress_ports" {
  default = []
}

locals {
  # Whoever is allowed comes in by these ports, by all of them when none is named.
  all_ports = [for key in ["_all_ingress"] : { key = key, type = "ingress", protocol = "tcp", from_port = 0, to_port = 65535 } if length(var.allowed_ingress_ports) == 0]
  ports     = [for port in var.allowed_ingress_ports : { key = tostring(port), type = "ingress", protocol = "tcp", from_port = port, to_port = port }]
}

module "security_group" {
  source = "./security-group-1" #@ < 3.0.0
  source = "./security-group-2" #@ >= 3.0.0

  enabled                    = var.enabled != false && (var.use_existing_security_groups != null ? !var.use_existing_security_groups : var.create_security_group)
  security_group_name        = var.security_group_name
  security_group_description = var.security_group_description
  create_before_destroy      = var.security_group_create_before_destroy
  preserve_security_group_id = var.preserve_security_group_id #@ >= 3.0.0
  rules                      = var.additional_security_group_rules
  rule_matrix = [{
    key              = "_allowed_ingress"
    cidr_blocks      = var.allowed_cidr_blocks
    ipv6_cidr_blocks = var.allowed_ipv6_cidr_blocks
    prefix_list_ids  = var.allowed_ipv6_prefix_list_ids
    rules            = concat(local.all_ports, local.ports)
  }]
  tags = var.tags
}

output "security_group_id" {
  value = module.security_group.id
}
