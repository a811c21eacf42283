variable "buckets" {
  type = any
}

resource "aws_s3_bucket" "this" {
  for_each = var.buckets

  bucket = each.key
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = var.buckets

  bucket = aws_s3_bucket.this[each.key].id

  block_public_acls       = lookup(each.value, "block_public", false)
  block_public_policy     = lookup(each.value, "block_public", false)
  ignore_public_acls      = lookup(each.value, "block_public", false)
  restrict_public_buckets = lookup(each.value, "block_public", false)
}
