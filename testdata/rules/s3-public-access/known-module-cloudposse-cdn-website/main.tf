module "cdn" {
  source  = "cloudposse/cloudfront-s3-cdn/aws"
  version = "~> 1.0"

  namespace = "eg"
  name      = "web"

  website_enabled = true
}
