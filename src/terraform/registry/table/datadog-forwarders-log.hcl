#! module terraform-aws-modules/datadog-forwarders/aws//modules/log_forwarder
#! known 5.0.0 7.2.0
#! set s3-insecure-transport: bucket_attach_deny_insecure_transport_policy = true
#! include s3-bucket.hcl at 3.6.1 in bucket-3
#! include s3-bucket.hcl at 5.13.0 in bucket-5

variable "create" {
  default = true
}

variable "create_bucket" {
  default = true
}

variable "bucket_name" {
  default = ""
}

variable "bucket_attach_deny_insecure_transport_policy" {
  default = false
}

variable "bucket_encryption_settings" {
  default = {
    sse_algorithm = "AES256"
  }
}

#@ >= 6.1.0 {
variable "bucket_tags" {
  default = {}
}
#@ }

variable "tags" {
  default = {}
}

# Account and region, of which the name is made that nobody gave.
variable "account_and_region" {}

module "this_s3_bucket" {
  source = "./bucket-3" #@ < 7.0.0
  source = "./bucket-5" #@ >= 7.0.0

  create_bucket                         = var.create && var.create_bucket
  bucket                                = var.bucket_name != "" ? var.bucket_name : "datadog-forwarder-${var.account_and_region}"
  attach_deny_insecure_transport_policy = var.bucket_attach_deny_insecure_transport_policy
  block_public_acls                     = true
  block_public_policy                   = true
  ignore_public_acls                    = true
  restrict_public_buckets               = true
  versioning                            = { enabled = true }
  server_side_encryption_configuration  = { rule = { apply_server_side_encryption_by_default = var.bucket_encryption_settings } }
  tags                                  = var.tags                         #@ < 6.1.0
  tags                                  = merge(var.tags, var.bucket_tags) #@ >= 6.1.0
}
