locals {
  trail = {
    name     = "main"
    validate = false
  }
}

resource "aws_cloudtrail" "main" {
  name                       = local.trail.name
  s3_bucket_name             = "acme-trail"
  enable_log_file_validation = local.trail.validate
}
