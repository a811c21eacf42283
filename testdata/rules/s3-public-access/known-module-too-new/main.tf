module "logs" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "~> 99.0"

  bucket = "acme-logs"
}
