module "cdn" {
  source  = "cloudposse/cloudfront-s3-cdn/aws"
  version = "2.0.0"

  namespace = "eg"
  name      = "web"
}
