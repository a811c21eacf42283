locals {
  buckets = {
    logs = { public = true }
    data = { public = false }
  }
}

module "logs" {
  source   = "terraform-aws-modules/s3-bucket/aws"
  version  = "4.1.2"
  for_each = local.buckets

  bucket                  = "acme-${each.key}"
  block_public_acls       = !each.value.public
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
