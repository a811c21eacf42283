module "trail" {
  source  = "cloudposse/cloudtrail/aws"
  version = "0.24.0"

  name                       = "audit"
  enable_log_file_validation = false
}
