variable "buckets" {
  type = map(object({
    versioning = optional(bool, false)
    owner      = optional(string)
  }))
}

resource "aws_s3_bucket" "this" {
  for_each = var.buckets

  bucket = each.key
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = var.buckets

  bucket = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = each.value.versioning ? "Enabled" : "Suspended"
  }
}
