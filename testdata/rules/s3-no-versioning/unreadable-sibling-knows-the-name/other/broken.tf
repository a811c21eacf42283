resource "aws_s3_bucket_versioning" "this" {
  bucket = "acme-logs"
  bucket = "acme-logs"

  versioning_configuration {
    status = "Suspended"
  }
}
