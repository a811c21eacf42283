module "logs" {
  source  = "cloudposse/s3-bucket/aws"
  version = "2.0.3"

  bucket_name             = "acme-logs"
  block_public_acls       = false
  block_public_policy     = false
  ignore_public_acls      = false
  restrict_public_buckets = false
}
