resource "aws_s3_bucket_public_access_block" "logs" {
  restrict_public_buckets = false
}
