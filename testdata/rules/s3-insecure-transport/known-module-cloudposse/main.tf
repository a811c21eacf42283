module "logs" {
  source  = "cloudposse/s3-bucket/aws"
  version = "~> 4.0"

  name = "logs"
}
