module "key" {
  source  = "cloudposse/kms-key/aws"
  version = "0.12.1"

  name                = "data"
  enable_key_rotation = "false"
}
