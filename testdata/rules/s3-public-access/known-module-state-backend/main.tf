module "state" {
  source  = "cloudposse/tfstate-backend/aws"
  version = "1.4.1"

  name                       = "state"
  enable_public_access_block = false
}
