variable "buckets" {
  type = list(string)
}

variable "versioned" {
  type    = list(string)
  default = []
}

resource "aws_s3_bucket" "this" {
  for_each = toset(var.buckets)

  bucket = each.key
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = toset(var.versioned)

  bucket = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}
