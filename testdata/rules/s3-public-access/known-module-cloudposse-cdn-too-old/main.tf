module "cdn" {
  source  = "cloudposse/cloudfront-s3-cdn/aws"
  version = "0.82.0"

  namespace = "eg"
  name      = "web"
}
