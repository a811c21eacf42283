#! module cloudposse/tfstate-backend/aws
#! known 1.0.0 1.9.0
#! set s3-public-access: enable_public_access_block = true

#! lines cloudposse-label.part.hcl

variable "bucket_enabled" {
  default = true
}

variable "s3_bucket_name" {
  default = ""
}

variable "enable_public_access_block" {
  default = true
}

variable "block_public_acls" {
  default = true
}

variable "block_public_policy" {
  default = true
}

variable "ignore_public_acls" {
  default = true
}

variable "restrict_public_buckets" {
  default = true
}

variable "dynamodb_enabled" {
  default = true
}

variable "dynamodb_table_name" {
  default = null
}

variable "enable_point_in_time_recovery" {
  default = true
}

locals {
  bucket_enabled    = var.enabled != false && var.bucket_enabled
  dynamodb_enabled  = var.enabled != false && var.dynamodb_enabled
  denies_plain_http = "{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}"
}

resource "aws_s3_bucket" "default" {
  count = local.bucket_enabled ? 1 : 0

  bucket = var.s3_bucket_name != null && var.s3_bucket_name != "" ? var.s3_bucket_name : var.label_id
  tags   = var.tags
}

resource "aws_s3_bucket_policy" "default" {
  count = local.bucket_enabled ? 1 : 0

  bucket = aws_s3_bucket.default[0].id
  policy = local.denies_plain_http
}

resource "aws_s3_bucket_versioning" "default" {
  count = local.bucket_enabled ? 1 : 0

  bucket = aws_s3_bucket.default[0].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "default" {
  count = local.bucket_enabled ? 1 : 0

  bucket = aws_s3_bucket.default[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "default" {
  count = local.bucket_enabled && var.enable_public_access_block ? 1 : 0

  bucket = aws_s3_bucket.default[0].id

  block_public_acls       = var.block_public_acls
  block_public_policy     = var.block_public_policy
  ignore_public_acls      = var.ignore_public_acls
  restrict_public_buckets = var.restrict_public_buckets
}

resource "aws_dynamodb_table" "with_server_side_encryption" {
  count = local.dynamodb_enabled ? 1 : 0

  name = coalesce(var.dynamodb_table_name, var.label_id)
  tags = var.tags

  point_in_time_recovery {
    enabled = var.enable_point_in_time_recovery
  }
}
