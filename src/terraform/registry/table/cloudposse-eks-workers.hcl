#! module cloudposse/eks-workers/aws
#! known 0.21.0 1.3.0
#! include cloudposse-ec2-autoscale-group.hcl at 0.40.0 in autoscale-group

#! lines cloudposse-label.part.hcl

variable "use_existing_security_group" {
  default = false
}

variable "allowed_cidr_blocks" {
  default = []
}

variable "metadata_http_endpoint_enabled" {
  default = true
}

variable "metadata_http_tokens_required" {
  default = true
}

resource "aws_security_group" "default" {
  count = var.enabled != false && !var.use_existing_security_group ? 1 : 0

  name        = "${var.label_id}-workers"
  description = "Security Group for EKS worker nodes"
  tags        = var.tags
}

resource "aws_security_group_rule" "ingress_cidr_blocks" {
  count = var.enabled != false && length(var.allowed_cidr_blocks) > 0 && !var.use_existing_security_group ? 1 : 0

  security_group_id = aws_security_group.default[0].id
  type              = "ingress"
  protocol          = "-1"
  from_port         = 0
  to_port           = 0
  cidr_blocks       = var.allowed_cidr_blocks
}

module "autoscale_group" {
  source = "./autoscale-group"

  enabled                        = var.enabled != false
  label_id                       = "${var.label_id}-workers"
  metadata_http_endpoint_enabled = var.metadata_http_endpoint_enabled
  metadata_http_tokens_required  = var.metadata_http_tokens_required
  tags                           = var.tags
}
