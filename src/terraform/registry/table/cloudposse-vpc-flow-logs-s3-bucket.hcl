#! module cloudposse/vpc-flow-logs-s3-bucket/aws
#! known 1.0.0 1.3.1
#! set s3-no-versioning: versioning_enabled = true
#! include cloudposse-s3-log-storage.hcl at 1.3.1 in storage-1-3
#! include cloudposse-s3-log-storage.hcl at 1.4.3 in storage-1-4
#! include cloudposse-s3-log-storage.hcl at 2.0.0 in storage-2

#! lines cloudposse-label.part.hcl

variable "bucket_name" {
  default = ""
}

variable "versioning_enabled" {
  default = false
}

module "s3_log_storage_bucket" {
  source = "./storage-1-3" #@ < 1.1.0
  source = "./storage-1-4" #@ >= 1.1.0, < 1.3.1
  source = "./storage-2"   #@ >= 1.3.1

  enabled            = var.enabled != false
  label_id           = var.label_id
  bucket_name        = var.bucket_name
  sse_algorithm      = "aws:kms"
  versioning_enabled = var.versioning_enabled
  tags               = var.tags
}

output "bucket_id" {
  value = module.s3_log_storage_bucket.bucket_id
}
