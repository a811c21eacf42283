locals {
  buckets = {
    a = { locked = true }
    b = { locked = false }
    c = {}
  }
}
resource "aws_s3_bucket" "b" {
  for_each = local.buckets
  bucket   = "acme-of-ours-${each.key}"
}
resource "aws_s3_bucket_public_access_block" "b" {
  for_each                = { for k, v in local.buckets : k => v if try(v.locked, false) }
  bucket                  = aws_s3_bucket.b[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
