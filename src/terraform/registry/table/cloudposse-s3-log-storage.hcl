#! module cloudposse/s3-log-storage/aws
#! known 0.28.1 2.0.0
#! set s3-public-access: block_public_acls = true && block_public_policy = true && ignore_public_acls = true && restrict_public_buckets = true
#! set s3-no-versioning: versioning_enabled = true
#! set s3-insecure-transport: allow_ssl_requests_only = true
#! include cloudposse-s3-bucket.hcl at 3.0.0 in bucket-3-0
#! include cloudposse-s3-bucket.hcl at 3.1.3 in bucket-3-1
#! include cloudposse-s3-bucket.hcl at 4.10.0 in bucket-4

#! lines cloudposse-label.part.hcl

variable "bucket_name" {
  default = ""
}

#! lines cloudposse-bucket-inputs.part.hcl with VERSIONING = true

variable "bucket_notifications_enabled" {
  default = false
}

variable "bucket_notifications_type" {
  default = "SQS"
}

module "aws_s3_bucket" {
  source = "./bucket-3-0" #@ < 1.4.1
  source = "./bucket-3-1" #@ >= 1.4.1, < 2.0.0
  source = "./bucket-4"   #@ >= 2.0.0

  enabled     = var.enabled != false
  label_id    = var.label_id
  bucket_name = var.bucket_name
#! lines cloudposse-bucket-arguments.part.hcl
}

# S3 itself writes to it, which it cannot do with a key of AWS.
resource "aws_sqs_queue" "notifications" {
  count = var.enabled != false && var.bucket_notifications_enabled && var.bucket_notifications_type == "SQS" ? 1 : 0

  name = var.bucket_name != "" ? var.bucket_name : var.label_id
  tags = var.tags
}

output "bucket_id" {
  value = module.aws_s3_bucket.bucket_id
}
