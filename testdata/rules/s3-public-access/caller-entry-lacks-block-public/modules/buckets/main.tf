variable "buckets" {
  type = map(object({
    block_public = optional(bool, false)
  }))
}

resource "aws_s3_bucket" "this" {
  for_each = var.buckets

  bucket = each.key
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = var.buckets

  bucket = aws_s3_bucket.this[each.key].id

  block_public_acls       = each.value.block_public
  block_public_policy     = each.value.block_public
  ignore_public_acls      = each.value.block_public
  restrict_public_buckets = each.value.block_public
}
