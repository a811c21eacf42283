module "key" {
  source  = "terraform-aws-modules/kms/aws"
  version = "~> 2.0"

  customer_master_key_spec = "RSA_2048"
  key_usage                = "SIGN_VERIFY"
  enable_key_rotation      = false
}
