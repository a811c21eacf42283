# What testers upload. Emptied every Sunday.
resource "aws_s3_bucket" "uploads" {
  bucket        = "acme-staging-uploads-4f2a" # unique in the world, so with a suffix
  force_destroy = true
}

resource "aws_s3_bucket_public_access_block" "uploads" {
  bucket = aws_s3_bucket.uploads.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = false
}

resource "aws_s3_bucket" "invoices" {
  bucket = "${local.prefix}-invoices"
}

resource "aws_s3_bucket_public_access_block" "invoices" {
  bucket = aws_s3_bucket.invoices.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# One per account, so the account is in the name.
resource "aws_s3_bucket" "load_test" {
  count = var.with_load_test ? 1 : 0

  bucket = "${local.prefix}-${data.aws_caller_identity.current.account_id}-load-test"
}
