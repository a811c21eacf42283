#! module terraform-aws-modules/datadog-forwarders/aws
#! known 5.0.0 7.2.0
#! set s3-insecure-transport: bucket_attach_deny_insecure_transport_policy = true
#! include datadog-forwarders-log.hcl in modules/log_forwarder

variable "create_log_forwarder" {
  default = true
}

variable "create_bucket" {
  default = true
}

variable "bucket_name" {
  default = ""
}

variable "bucket_attach_deny_insecure_transport_policy" {
  default = true
}

variable "bucket_encryption_settings" {
  default = {
    sse_algorithm = "AES256"
  }
}

#@ >= 6.1.0 {
variable "log_forwarder_bucket_tags" {
  default = {}
}
#@ }

variable "tags" {
  default = {}
}

module "log_forwarder" {
  source = "./modules/log_forwarder"

  create                                       = var.create_log_forwarder
  create_bucket                                = var.create_bucket
  bucket_name                                  = var.bucket_name
  bucket_attach_deny_insecure_transport_policy = var.bucket_attach_deny_insecure_transport_policy
  bucket_encryption_settings                   = var.bucket_encryption_settings
  bucket_tags                                  = var.log_forwarder_bucket_tags #@ >= 6.1.0
  tags                                         = var.tags
}
