module "logs" {
  source  = "cloudposse/s3-bucket/aws"
  version = "2.0.3"

  name               = "logs"
  versioning_enabled = false
}
