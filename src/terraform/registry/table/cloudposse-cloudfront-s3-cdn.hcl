#! module cloudposse/cloudfront-s3-cdn/aws
#! known 0.93.0 2.1.1
#! set s3-public-access: block_origin_public_access_enabled = true
#! set s3-no-encryption: encryption_enabled = true
#! set s3-no-versioning: bucket_versioning = "Enabled"
#! set s3-no-versioning: log_versioning_enabled = true
#! set s3-insecure-transport: allow_ssl_requests_only = true
#! include cloudposse-s3-log-storage.hcl at 1.4.2 in storage

#! lines cloudposse-label.part.hcl

variable "origin_bucket" {
  default = null
}

variable "block_origin_public_access_enabled" {
  default = false
}

variable "encryption_enabled" {
  default = true
}

variable "bucket_versioning" {
  default = "Disabled"
}

variable "allow_ssl_requests_only" {
  default = true
}

variable "website_enabled" {
  default = false
}

variable "cloudfront_access_logging_enabled" {
  default = true
}

variable "cloudfront_access_log_create_bucket" {
  default = true
}

variable "log_versioning_enabled" {
  default = false
}

# What the distribution may do, and whoever else the caller names.
variable "origin_statements" {}

locals {
  own_origin        = var.enabled != false && var.origin_bucket == null
  denies_plain_http = "{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}"
}

resource "aws_s3_bucket" "origin" {
  count = local.own_origin ? 1 : 0

  bucket = "${var.label_id}-origin"
  tags   = var.tags

  dynamic "website" {
    for_each = var.website_enabled ? [1] : []

    content {
      index_document = "index.html"
    }
  }
}

resource "aws_s3_bucket_versioning" "origin" {
  count = local.own_origin ? 1 : 0

  bucket = aws_s3_bucket.origin[0].id

  versioning_configuration {
    status = var.bucket_versioning
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "origin" {
  count = var.encryption_enabled && local.own_origin ? 1 : 0

  bucket = aws_s3_bucket.origin[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "origin" {
  count = local.own_origin ? 1 : 0

  bucket = aws_s3_bucket.origin[0].id

  block_public_acls       = true
  block_public_policy     = var.block_origin_public_access_enabled
  ignore_public_acls      = true
  restrict_public_buckets = var.block_origin_public_access_enabled
}

resource "aws_s3_bucket_policy" "default" {
  count = local.own_origin ? 1 : 0

  bucket = aws_s3_bucket.origin[0].id
  policy = var.allow_ssl_requests_only ? local.denies_plain_http : var.origin_statements
}

module "logs" {
  source = "./storage"

  enabled            = var.enabled != false && var.cloudfront_access_logging_enabled && var.cloudfront_access_log_create_bucket
  label_id           = "${var.label_id}-logs"
  versioning_enabled = var.log_versioning_enabled
  tags               = var.tags
}
