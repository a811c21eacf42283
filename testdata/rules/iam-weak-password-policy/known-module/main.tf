module "account" {
  source  = "terraform-aws-modules/iam/aws//modules/iam-account"
  version = "5.30.0"

  account_alias           = "acme"
  minimum_password_length = 8
}
