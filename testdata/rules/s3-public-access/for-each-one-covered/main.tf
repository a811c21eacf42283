resource "aws_s3_bucket" "this" {
  for_each = toset(["eu", "us"])
  bucket   = "acme-data-${each.key}"
}

resource "aws_s3_bucket_public_access_block" "us" {
  bucket                  = aws_s3_bucket.this["us"].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
