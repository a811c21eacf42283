#! module cloudposse/ec2-instance-group/aws
#! known 0.15.0 1.0.0
#! include cloudposse-security-group.hcl at 2.2.0 in security-group

#! lines cloudposse-label.part.hcl

variable "instance_count" {
  default = 1
}

variable "metadata_http_endpoint_enabled" {
  default = true
}

variable "metadata_http_tokens_required" {
  default = true
}

variable "security_group_enabled" {
  default = true
}

variable "security_group_name" {
  default = []
}

variable "security_group_description" {
  default = "EC2 instances Security Group"
}

variable "security_group_rules" {
  default = []
}

resource "aws_instance" "default" {
  count = var.enabled != false ? var.instance_count : 0

  tags = var.tags

  metadata_options {
    http_endpoint = var.metadata_http_endpoint_enabled ? "enabled" : "disabled"
    http_tokens   = var.metadata_http_tokens_required ? "required" : "optional"
  }
}

module "security_group" {
  source = "./security-group"

  enabled                    = var.enabled != false && var.security_group_enabled
  security_group_name        = var.security_group_name
  security_group_description = var.security_group_description
  rules                      = var.security_group_rules
  tags                       = var.tags
}
