resource "aws_s3_bucket" "this" {
  bucket = "acme-of-ours"
}
resource "aws_s3_bucket_versioning" "this" {
  count  = 0
  bucket = aws_s3_bucket.this.id
  versioning_configuration {
    status = "Enabled"
  }
}
