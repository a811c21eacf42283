#! module cloudposse/eks-cluster/aws
#! known 2.0.0 4.11.0
#! set kms-no-rotation: cluster_encryption_config_kms_key_enable_key_rotation = true

#! lines cloudposse-label.part.hcl

variable "cluster_encryption_config_enabled" {
  default = true
}

variable "cluster_encryption_config_kms_key_id" {
  default = ""
}

variable "cluster_encryption_config_kms_key_enable_key_rotation" {
  default = true
}

variable "allowed_cidr_blocks" {
  default = []
}

#@ < 4.0.0 {
variable "create_security_group" {
  default = false
}
#@ }

resource "aws_kms_key" "cluster" {
  count = var.enabled != false && var.cluster_encryption_config_enabled && var.cluster_encryption_config_kms_key_id == "" ? 1 : 0

  enable_key_rotation = var.cluster_encryption_config_kms_key_enable_key_rotation
  tags                = var.tags
}

# The group that EKS makes for the cluster gets the same networks; it is no block of the module.
#@ < 4.0.0 {
resource "aws_security_group" "default" {
  count = var.enabled != false && var.create_security_group ? 1 : 0

  name        = "${var.label_id}-cluster"
  description = "Security Group for EKS cluster"
  tags        = var.tags
}

resource "aws_security_group_rule" "ingress_cidr_blocks" {
  count = var.enabled != false && var.create_security_group && length(var.allowed_cidr_blocks) > 0 ? 1 : 0

  security_group_id = aws_security_group.default[0].id
  type              = "ingress"
  protocol          = "-1"
  from_port         = 0
  to_port           = 65535
  cidr_blocks       = var.allowed_cidr_blocks
}
#@ }
