module "trail" {
  source  = "cloudposse/cloudtrail-s3-bucket/aws"
  version = "0.26.4"

  namespace = "eg"
  name      = "trail"
}
