module "logs" {
  source  = "cloudposse/lb-s3-bucket/aws"
  version = "0.20.0"

  namespace               = "eg"
  name                    = "logs"
  allow_ssl_requests_only = false
}
