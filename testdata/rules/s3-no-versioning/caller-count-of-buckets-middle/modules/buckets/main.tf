variable "buckets" {
  type = list(object({
    name      = string
    versioned = optional(bool, false)
  }))
}

resource "aws_s3_bucket" "this" {
  count = length(var.buckets)

  bucket = var.buckets[count.index].name
}

resource "aws_s3_bucket_versioning" "this" {
  count = length(var.buckets)

  bucket = aws_s3_bucket.this[count.index].id

  versioning_configuration {
    status = var.buckets[count.index].versioned ? "Enabled" : "Suspended"
  }
}
