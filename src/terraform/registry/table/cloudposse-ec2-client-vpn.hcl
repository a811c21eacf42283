#! module cloudposse/ec2-client-vpn/aws
#! known 0.10.2 2.0.0
#! include cloudposse-security-group.hcl at 1.0.1 in security-group-1
#! include cloudposse-security-group.hcl at 2.2.0 in security-group-2

#! lines cloudposse-label.part.hcl

#! lines cloudposse-own-group.part.hcl

variable "security_group_create_before_destroy" {
  default = true
}

variable "security_group_description" {
  default = null
}

variable "allowed_ipv6_cidr_blocks" {
  default = []
}

variable "allowed_ipv6_prefix_list_ids" {
  default = []
}

module "vpn_security_group" {
  source = "./security-group-1" #@ < 1.0.0
  source = "./security-group-2" #@ >= 1.0.0

  enabled                    = var.enabled != false && var.create_security_group
  security_group_name        = var.security_group_name
  security_group_description = var.security_group_description
  create_before_destroy      = var.security_group_create_before_destroy
  rules                      = var.additional_security_group_rules
  rule_matrix = [{
    cidr_blocks      = var.allowed_cidr_blocks
    ipv6_cidr_blocks = var.allowed_ipv6_cidr_blocks
    prefix_list_ids  = var.allowed_ipv6_prefix_list_ids
    rules            = [{ key = "vpn-self", type = "ingress", protocol = "-1", from_port = 0, to_port = 0 }]
  }]
  tags = var.tags
}

output "security_group_id" {
  value = module.vpn_security_group.id
}
