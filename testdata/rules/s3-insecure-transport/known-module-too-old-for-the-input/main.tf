module "logs" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "1.22.0"

  bucket = "acme-logs"
}
