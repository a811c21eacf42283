#! module terraform-aws-modules/s3-bucket/aws
#! known 1.8.0 5.15.4
#! set s3-public-access: attach_public_policy = true
#! set s3-no-encryption: server_side_encryption_configuration = { rule = { apply_server_side_encryption_by_default = { sse_algorithm = "AES256" } } }
#! set s3-no-versioning: versioning = { enabled = true }
#! set s3-no-versioning: versioning = { status = "Enabled" } #@ >= 3.0.0
#! set s3-insecure-transport: attach_deny_insecure_transport_policy = true #@ >= 1.23.0

terraform {
  required_providers {
    aws = ">= 2.57, < 4.0" #@ < 3.0.0
    aws = ">= 4.0"         #@ >= 3.0.0, < 4.0.0
    aws = ">= 5.0"         #@ >= 4.0.0, < 5.0.0
    aws = ">= 6.0"         #@ >= 5.0.0
  }
}

variable "create_bucket" {
  default = true
}

variable "bucket" {
  default = null
}

variable "bucket_prefix" {
  default = null
}

variable "acl" {
  default = "private" #@ < 3.0.0
  default = null      #@ >= 3.0.0
}

variable "grant" {
  default = []
}

variable "tags" {
  default = {}
}

variable "website" {
  default = {}
}

variable "versioning" {
  default = {}
}

variable "server_side_encryption_configuration" {
  default = {}
}

variable "attach_policy" {
  default = false
}

variable "policy" {
  default = null
}

variable "attach_public_policy" {
  default = true
}

#@ >= 1.23.0 {
variable "attach_deny_insecure_transport_policy" {
  default = false
}
#@ }

#@ >= 2.13.0 {
variable "attach_require_latest_tls_policy" {
  default = false
}
#@ }

#@ >= 4.6.0 {
variable "is_directory_bucket" {
  default = false
}
#@ }

variable "block_public_acls" {
  default = false #@ < 3.9.0
  default = true  #@ >= 3.9.0
}

variable "block_public_policy" {
  default = false #@ < 3.9.0
  default = true  #@ >= 3.9.0
}

variable "ignore_public_acls" {
  default = false #@ < 3.9.0
  default = true  #@ >= 3.9.0
}

variable "restrict_public_buckets" {
  default = false #@ < 3.9.0
  default = true  #@ >= 3.9.0
}

locals {
  create_bucket = var.create_bucket                                #@ < 4.6.0
  create_bucket = var.create_bucket && !var.is_directory_bucket    #@ >= 4.6.0
  with_policy   = var.attach_policy                                                                                                  #@ < 1.23.0
  with_policy   = var.attach_policy || var.attach_deny_insecure_transport_policy                                                     #@ >= 1.23.0, < 2.13.0
  with_policy   = var.attach_policy || var.attach_deny_insecure_transport_policy || var.attach_require_latest_tls_policy #@ >= 2.13.0

  denies_plain_http = "{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}"
}

resource "aws_s3_bucket" "this" {
  count = local.create_bucket ? 1 : 0

  bucket        = var.bucket
  bucket_prefix = var.bucket_prefix
  tags          = var.tags

#@ < 3.0.0 {
  acl = var.acl != "null" ? var.acl : null

  dynamic "website" {
    for_each = length(keys(var.website)) == 0 ? [] : [var.website]

    content {
      index_document           = lookup(website.value, "index_document", null)
      redirect_all_requests_to = lookup(website.value, "redirect_all_requests_to", null)
    }
  }

  dynamic "versioning" {
    for_each = length(keys(var.versioning)) == 0 ? [] : [var.versioning]

    content {
      enabled = lookup(versioning.value, "enabled", null)
    }
  }

  dynamic "server_side_encryption_configuration" {
    for_each = length(keys(var.server_side_encryption_configuration)) == 0 ? [] : [var.server_side_encryption_configuration]

    content {
      dynamic "rule" {
        for_each = length(keys(lookup(server_side_encryption_configuration.value, "rule", {}))) == 0 ? [] : [lookup(server_side_encryption_configuration.value, "rule", {})]

        content {
          dynamic "apply_server_side_encryption_by_default" {
            for_each = length(keys(lookup(rule.value, "apply_server_side_encryption_by_default", {}))) == 0 ? [] : [lookup(rule.value, "apply_server_side_encryption_by_default", {})]

            content {
              sse_algorithm     = apply_server_side_encryption_by_default.value.sse_algorithm
              kms_master_key_id = lookup(apply_server_side_encryption_by_default.value, "kms_master_key_id", null)
            }
          }
        }
      }
    }
  }
#@ }
}

#@ >= 3.0.0 {
resource "aws_s3_bucket_acl" "this" {
  count = local.create_bucket && ((var.acl != null && var.acl != "null") || length(var.grant) > 0) ? 1 : 0

  bucket = aws_s3_bucket.this[0].id
  acl    = var.acl == "null" ? null : var.acl
}

resource "aws_s3_bucket_website_configuration" "this" {
  count = local.create_bucket && length(keys(var.website)) > 0 ? 1 : 0

  bucket = aws_s3_bucket.this[0].id
}

resource "aws_s3_bucket_versioning" "this" {
  count = local.create_bucket && length(keys(var.versioning)) > 0 ? 1 : 0

  bucket = aws_s3_bucket.this[0].id

  versioning_configuration {
    status = try(var.versioning["enabled"] ? "Enabled" : "Suspended", tobool(var.versioning["status"]) ? "Enabled" : "Suspended", title(lower(var.versioning["status"])), "Enabled")
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  count = local.create_bucket && length(keys(var.server_side_encryption_configuration)) > 0 ? 1 : 0

  bucket = aws_s3_bucket.this[0].id

  dynamic "rule" {
    for_each = try(flatten([var.server_side_encryption_configuration["rule"]]), [])

    content {
      dynamic "apply_server_side_encryption_by_default" {
        for_each = try([rule.value.apply_server_side_encryption_by_default], [])

        content {
          sse_algorithm     = apply_server_side_encryption_by_default.value.sse_algorithm
          kms_master_key_id = try(apply_server_side_encryption_by_default.value.kms_master_key_id, null)
        }
      }
    }
  }
}
#@ }

resource "aws_s3_bucket_policy" "this" {
  count = local.create_bucket && local.with_policy ? 1 : 0

  bucket = aws_s3_bucket.this[0].id
  policy = var.policy #@ < 1.23.0
  policy = var.attach_deny_insecure_transport_policy ? local.denies_plain_http : var.attach_policy ? var.policy : "{\"Statement\":[]}" #@ >= 1.23.0
}

resource "aws_s3_bucket_public_access_block" "this" {
  count = local.create_bucket && var.attach_public_policy ? 1 : 0

  bucket = aws_s3_bucket.this[0].id

  block_public_acls       = var.block_public_acls
  block_public_policy     = var.block_public_policy
  ignore_public_acls      = var.ignore_public_acls
  restrict_public_buckets = var.restrict_public_buckets
}

output "s3_bucket_id" {
  value = try(aws_s3_bucket.this[0].id, "")
}

output "s3_bucket_arn" {
  value = try(aws_s3_bucket.this[0].arn, "")
}

output "s3_bucket_bucket_domain_name" {
  value = try(aws_s3_bucket.this[0].bucket_domain_name, "")
}

output "s3_bucket_bucket_regional_domain_name" {
  value = try(aws_s3_bucket.this[0].bucket_regional_domain_name, "")
}
