module "state" {
  source  = "cloudposse/tfstate-backend/aws"
  version = "1.4.1"

  name                          = "state"
  enable_point_in_time_recovery = false
}
