module "cdn" {
  source  = "cloudposse/cloudfront-s3-cdn/aws"
  version = "1.1.1"

  namespace = "eg"
  name      = "web"

  encryption_enabled = false
}
