module "flow" {
  source  = "cloudposse/vpc-flow-logs-s3-bucket/aws"
  version = "~> 1.0"

  namespace          = "eg"
  name               = "flow"
  versioning_enabled = false
}
