#! module cloudposse/vpc/aws
#! known 2.0.0 3.0.0

#! lines cloudposse-label.part.hcl

variable "default_security_group_deny_all" {
  default = true
}

# Adopted without any rule: nobody comes in.
resource "aws_default_security_group" "default" {
  count = var.enabled != false && var.default_security_group_deny_all ? 1 : 0

  tags = merge(var.tags, { Name = "${var.label_id}-default" })
}
