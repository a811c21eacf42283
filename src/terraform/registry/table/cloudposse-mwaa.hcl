#! module cloudposse/mwaa/aws
#! known 0.6.4 0.13.2
#! include cloudposse-security-group.hcl at 1.0.1 in security-group
#! include cloudposse-s3-bucket.hcl at 4.0.0 in bucket

#! lines cloudposse-label.part.hcl

#! lines cloudposse-own-group.part.hcl

variable "security_group_create_before_destroy" {
  default = true
}

variable "security_group_description" {
  default = "Managed by Terraform"
}

variable "create_s3_bucket" {
  default = true
}

module "mwaa_security_group" {
  source = "./security-group"

  enabled                    = var.enabled != false && var.create_security_group
  security_group_name        = var.security_group_name
  security_group_description = var.security_group_description
  create_before_destroy      = var.security_group_create_before_destroy
  rules                      = var.additional_security_group_rules
  rule_matrix = [{
    cidr_blocks = var.allowed_cidr_blocks
    rules       = [{ key = "mwaa", type = "ingress", protocol = "-1", from_port = 0, to_port = 0 }]
  }]
  tags = var.tags
}

module "mwaa_s3_bucket" {
  source = "./bucket"

  enabled  = var.enabled != false && var.create_s3_bucket
  label_id = "${var.label_id}-s3"
  tags     = var.tags
}
