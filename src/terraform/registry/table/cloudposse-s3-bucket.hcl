#! module cloudposse/s3-bucket/aws
#! known 2.0.0 4.14.0
#! set s3-public-access: block_public_acls = true && block_public_policy = true && ignore_public_acls = true && restrict_public_buckets = true
#! set s3-no-versioning: versioning_enabled = true
#! set s3-insecure-transport: allow_ssl_requests_only = true

variable "enabled" {
  default = null
}

variable "name" {
  default = null
}

# Made of namespace, stage, name and the rest of the label.
variable "label_id" {}

variable "bucket_name" {
  default = null
}

variable "versioning_enabled" {
  default = true
}

variable "sse_algorithm" {
  default = "AES256"
}

variable "allow_ssl_requests_only" {
  default = false
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

#@ >= 3.1.2 {
variable "website_configuration" {
  default = []
}
#@ }

#@ >= 4.6.0 {
variable "event_notification_details" {
  type = object({
    enabled    = bool
    queue_list = optional(list(any), [])
    topic_list = optional(list(any), [])
  })
  default = {
    enabled = false
  }
}
#@ }

variable "tags" {
  default = {}
}

locals {
  enabled           = var.enabled != false
  denies_plain_http = "{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}"
}

resource "aws_s3_bucket" "default" {
  count = local.enabled ? 1 : 0

  bucket = var.bucket_name != null && var.bucket_name != "" ? var.bucket_name : var.label_id
  tags   = var.tags
}

resource "aws_s3_bucket_versioning" "default" {
  count = local.enabled && var.versioning_enabled ? 1 : 0 #@ < 3.1.2
  count = local.enabled ? 1 : 0                           #@ >= 3.1.2

  bucket = aws_s3_bucket.default[0].id

  versioning_configuration {
    status = "Enabled"                                        #@ < 3.1.2
    status = var.versioning_enabled ? "Enabled" : "Suspended" #@ >= 3.1.2
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "default" {
  count = local.enabled ? 1 : 0

  bucket = aws_s3_bucket.default[0].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = var.sse_algorithm
    }
  }
}

#@ >= 3.1.2 {
resource "aws_s3_bucket_website_configuration" "default" {
  count = local.enabled && try(length(var.website_configuration), 0) > 0 ? 1 : 0

  bucket = aws_s3_bucket.default[0].id
}
#@ }

resource "aws_s3_bucket_policy" "default" {
  count = local.enabled && var.allow_ssl_requests_only ? 1 : 0

  bucket = aws_s3_bucket.default[0].id
  policy = local.denies_plain_http
}

resource "aws_s3_bucket_public_access_block" "default" {
  count = local.enabled && (var.block_public_acls || var.block_public_policy || var.ignore_public_acls || var.restrict_public_buckets) ? 1 : 0 #@ < 3.1.2
  count = local.enabled ? 1 : 0                                                                                                                #@ >= 3.1.2

  bucket = aws_s3_bucket.default[0].id

  block_public_acls       = var.block_public_acls
  block_public_policy     = var.block_public_policy
  ignore_public_acls      = var.ignore_public_acls
  restrict_public_buckets = var.restrict_public_buckets
}

#@ >= 4.6.0 {
resource "aws_s3_bucket_notification" "bucket_notification" {
  count = local.enabled && var.event_notification_details.enabled ? 1 : 0

  bucket = aws_s3_bucket.default[0].id

  dynamic "queue" {
    for_each = var.event_notification_details.queue_list

    content {
      queue_arn = queue.value.queue_arn
      events    = ["s3:ObjectCreated:*"]
    }
  }

  dynamic "topic" {
    for_each = var.event_notification_details.topic_list

    content {
      topic_arn = topic.value.topic_arn
      events    = ["s3:ObjectCreated:*"]
    }
  }
}
#@ }

output "bucket_id" {
  value = local.enabled ? aws_s3_bucket.default[0].id : ""
}
