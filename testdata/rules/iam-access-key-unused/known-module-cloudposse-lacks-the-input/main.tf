module "ci" {
  source  = "cloudposse/iam-system-user/aws"
  version = "1.2.0"

  name = "ci"
}
