module "logs" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "2.15.0"

  bucket = "acme-logs"
}
