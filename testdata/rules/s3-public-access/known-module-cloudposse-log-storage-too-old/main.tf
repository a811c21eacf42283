module "logs" {
  source  = "cloudposse/s3-log-storage/aws"
  version = "0.26.0"

  namespace = "eg"
  name      = "logs"
}
