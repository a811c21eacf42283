module "logs" {
  source  = "terraform-aws-modules/s3-bucket/aws"

  bucket = "acme-logs"
}
