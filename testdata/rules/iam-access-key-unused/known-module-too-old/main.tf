module "ci" {
  source  = "terraform-aws-modules/iam/aws//modules/iam-user"
  version = "5.3.0"

  name = "ci"
}
