module "a" {
  source = "./bucket"
  name   = "acme-a"
}

resource "aws_s3_bucket_public_access_block" "a" {
  bucket                  = module.a.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = false
}
