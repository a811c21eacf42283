module "logs" {
  source  = "cloudposse/s3-log-storage/aws"
  version = "1.4.3"

  namespace               = "eg"
  name                    = "logs"
  allow_ssl_requests_only = false
}
