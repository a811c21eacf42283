#! module cloudposse/cloudtrail-s3-bucket/aws
#! known 0.24.0 0.31.0
#! set s3-public-access: block_public_acls = true && block_public_policy = true && ignore_public_acls = true && restrict_public_buckets = true
#! set s3-no-versioning: versioning_enabled = true
#! set s3-insecure-transport: allow_ssl_requests_only = true
#! include cloudposse-s3-log-storage.hcl at 1.4.0 in storage-3
#! include cloudposse-s3-log-storage.hcl at 1.4.5 in storage-4

#! lines cloudposse-label.part.hcl

#! lines cloudposse-bucket-inputs.part.hcl with VERSIONING = false

variable "create_access_log_bucket" {
  default = false
}

variable "access_log_bucket_name" {
  default = ""
}

module "s3_bucket" {
  source = "./storage-3" #@ < 0.26.1
  source = "./storage-4" #@ >= 0.26.1

  enabled  = var.enabled != false
  label_id = var.label_id
#! lines cloudposse-bucket-arguments.part.hcl
}

module "s3_access_log_bucket" {
  source = "./storage-3" #@ < 0.26.1
  source = "./storage-4" #@ >= 0.26.1

  enabled     = var.enabled != false && var.create_access_log_bucket
  label_id    = "${var.label_id}-access-logs"
  bucket_name = var.access_log_bucket_name
#! lines cloudposse-bucket-arguments.part.hcl
}

output "bucket_id" {
  value = module.s3_bucket.bucket_id
}
