module "logs" {
  source  = "git::https://github.com/terraform-aws-modules/terraform-aws-s3-bucket.git?ref=v4.1.2"

  bucket = "acme-logs"

  block_public_acls = false
}
