resource "aws_s3_bucket" "logs" {
  bucket_prefix = "acme-logs-"
  force_destroy = true

  tags = local.tags # common
}

locals {
  tags = { team = "platform" }
}
