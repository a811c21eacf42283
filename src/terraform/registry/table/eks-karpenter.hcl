#! module terraform-aws-modules/eks/aws//modules/karpenter
#! known 18.31.0 21.19.0

variable "create" {
  default = true
}

variable "cluster_name" {
  default = ""
}

variable "enable_spot_termination" {
  default = true
}

variable "queue_name" {
  default = null
}

variable "queue_managed_sse_enabled" {
  default = true
}

variable "queue_kms_master_key_id" {
  default = null
}

variable "tags" {
  default = {}
}

resource "aws_sqs_queue" "this" {
  count = var.create && var.enable_spot_termination ? 1 : 0

  name                    = coalesce(var.queue_name, "Karpenter-${var.cluster_name}")
  sqs_managed_sse_enabled = var.queue_managed_sse_enabled ? var.queue_managed_sse_enabled : null
  kms_master_key_id       = var.queue_kms_master_key_id
  tags                    = var.tags
}
