#! module terraform-aws-modules/sqs/aws
#! known 2.0.0 5.2.1
#! set sqs-no-encryption: sqs_managed_sse_enabled = true #@ >= 3.4.0
#! set sqs-no-encryption: kms_master_key_id = "alias/aws/sqs" #@ < 3.4.0

variable "create" {
  default = true
}

variable "name" {
  default = null
}

#@ < 4.0.0 {
variable "name_prefix" {
  default = null
}
#@ }

#@ >= 4.0.0 {
variable "use_name_prefix" {
  default = false
}

variable "create_dlq" {
  default = false
}

variable "dlq_name" {
  default = null
}

variable "dlq_kms_master_key_id" {
  default = null
}

variable "dlq_sqs_managed_sse_enabled" {
  default = true
}
#@ }

variable "fifo_queue" {
  default = false
}

variable "kms_master_key_id" {
  default = null
}

#@ >= 3.4.0 {
variable "sqs_managed_sse_enabled" {
  default = false #@ < 4.0.0
  default = true  #@ >= 4.0.0
}
#@ }

variable "tags" {
  default = {}
}

#@ >= 4.0.0 {
locals {
  name             = try(trimsuffix(var.name, ".fifo"), "")
  dlq_base         = try(coalesce(try(trimsuffix(var.dlq_name, ".fifo"), ""), "${local.name}-dlq"), "")
  dlq_name         = var.fifo_queue && !var.use_name_prefix ? "${local.dlq_base}.fifo" : local.dlq_base
  dlq_key          = try(coalesce(var.dlq_kms_master_key_id, var.kms_master_key_id), null)
  dlq_managed_sse  = coalesce(var.dlq_sqs_managed_sse_enabled, var.sqs_managed_sse_enabled)
}
#@ }

resource "aws_sqs_queue" "this" {
  count = var.create ? 1 : 0

  name        = var.name                                                                               #@ < 4.0.0
  name_prefix = var.name_prefix                                                                        #@ < 4.0.0
  name        = var.use_name_prefix ? null : (var.fifo_queue ? "${local.name}.fifo" : local.name)      #@ >= 4.0.0
  name_prefix = var.use_name_prefix ? "${local.name}-" : null                                          #@ >= 4.0.0
  fifo_queue  = var.fifo_queue
  tags        = var.tags

  kms_master_key_id       = var.kms_master_key_id                                                      #@ < 3.4.0
  kms_master_key_id       = var.sqs_managed_sse_enabled ? null : var.kms_master_key_id                 #@ >= 3.4.0, < 4.0.0
  kms_master_key_id       = var.kms_master_key_id                                                      #@ >= 4.0.0
  sqs_managed_sse_enabled = var.sqs_managed_sse_enabled                                                #@ >= 3.4.0, < 4.0.0
  sqs_managed_sse_enabled = var.kms_master_key_id != null ? null : var.sqs_managed_sse_enabled         #@ >= 4.0.0
}

#@ >= 4.0.0 {
resource "aws_sqs_queue" "dlq" {
  count = var.create && var.create_dlq ? 1 : 0

  name        = var.use_name_prefix ? null : local.dlq_name
  name_prefix = var.use_name_prefix ? "${local.dlq_name}-" : null
  fifo_queue  = var.fifo_queue
  tags        = var.tags

  kms_master_key_id       = local.dlq_key
  sqs_managed_sse_enabled = local.dlq_key != null ? null : local.dlq_managed_sse
}
#@ }
