#! module cloudposse/lb-s3-bucket/aws
#! known 0.18.0 0.20.0
#! set s3-no-versioning: versioning_enabled = true
#! set s3-insecure-transport: allow_ssl_requests_only = true
#! include cloudposse-s3-log-storage.hcl at 1.4.0 in storage-3
#! include cloudposse-s3-log-storage.hcl at 1.4.3 in storage-4

#! lines cloudposse-label.part.hcl

variable "bucket_name" {
  default = null
}

variable "versioning_enabled" {
  default = true
}

variable "allow_ssl_requests_only" {
  default = true
}

module "s3_bucket" {
  source = "./storage-3" #@ < 0.19.0
  source = "./storage-4" #@ >= 0.19.0

  enabled                 = var.enabled != false
  label_id                = var.label_id
  bucket_name             = var.bucket_name
  versioning_enabled      = var.versioning_enabled
  allow_ssl_requests_only = var.allow_ssl_requests_only
  tags                    = var.tags
}

output "bucket_id" {
  value = module.s3_bucket.bucket_id
}
