variable "buckets" {
  type = any
}

resource "aws_s3_bucket" "this" {
  for_each = var.buckets

  bucket = each.key
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = var.buckets

  bucket = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = lookup(each.value, "versioning", false) ? "Enabled" : "Suspended"
  }
}
