module "deploy" {
  source  = "terraform-aws-modules/iam/aws//modules/iam-assumable-role"
  version = "~> 5.30"

  create_role = true
  role_name   = "deploy"
}
