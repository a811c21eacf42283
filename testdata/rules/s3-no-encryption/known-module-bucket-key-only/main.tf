module "logs" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "~> 4.0"

  bucket = "acme-logs"

  server_side_encryption_configuration = {
    rule = {
      bucket_key_enabled = true
    }
  }
}
