module "key" {
  source  = "terraform-aws-modules/kms/aws"
  version = "~> 2.0"

  description         = "backups"
  enable_key_rotation = false
}
