#! module cloudposse/efs/aws
#! known 0.32.0 1.5.0
#! include cloudposse-security-group.hcl at 1.0.1 in security-group-1
#! include cloudposse-security-group.hcl at 2.2.0 in security-group-2

#! lines cloudposse-label.part.hcl

#! lines cloudposse-own-group.part.hcl

variable "security_group_create_before_destroy" {
  default = true
}

#@ >= 1.3.0 {
variable "preserve_security_group_id" {
  default = false
}
#@ }

variable "security_group_description" {
  default = "EFS Security Group"
}

#@ >= 1.4.0 {
variable "allowed_ipv6_cidr_blocks" {
  default = []
}
#@ }

module "security_group" {
  source = "./security-group-1" #@ < 1.0.0
  source = "./security-group-2" #@ >= 1.0.0

  enabled                    = var.enabled != false && var.create_security_group
  security_group_name        = var.security_group_name
  security_group_description = var.security_group_description
  create_before_destroy      = var.security_group_create_before_destroy
  preserve_security_group_id = var.preserve_security_group_id #@ >= 1.3.0
  rules                      = var.additional_security_group_rules
  rule_matrix = [{
    cidr_blocks      = var.allowed_cidr_blocks
    ipv6_cidr_blocks = var.allowed_ipv6_cidr_blocks #@ >= 1.4.0
    rules            = [{ key = "in", type = "ingress", protocol = "tcp", from_port = 2049, to_port = 2049 }]
  }]
  tags = var.tags
}

output "security_group_id" {
  value = module.security_group.id
}
