locals {
  prefix = "acme-payments"
}

# Statements that the finance team downloads.
resource "aws_s3_bucket" "statements" {
  bucket = "${local.prefix}-statements"
}

resource "aws_s3_bucket" "exports" {
  bucket = "${local.prefix}-exports"
}

resource "aws_s3_bucket_public_access_block" "exports" {
  bucket = aws_s3_bucket.exports.id

  block_public_acls       = true
  block_public_policy     = false # the old partner portal needed it
  ignore_public_acls      = true
  restrict_public_buckets = false
}

module "uploads" {
  source = "./modules/team_bucket"

  name       = "${local.prefix}-uploads"
  versioning = false
}

resource "aws_kms_key" "payments" {
  description             = "Payments at rest"
  deletion_window_in_days = 30
}

resource "aws_sqs_queue" "settlements" {
  name                    = "${local.prefix}-settlements"
  sqs_managed_sse_enabled = false
}
