module "logs" {
  source  = "cloudposse/s3-bucket/aws"
  version = "3.1.2"

  bucket_name         = "acme-logs"
  block_public_policy = false
}
