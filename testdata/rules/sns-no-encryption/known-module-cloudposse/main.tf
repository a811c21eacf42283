module "alarms" {
  source  = "cloudposse/sns-topic/aws"
  version = "0.21.0"

  name               = "alarms"
  encryption_enabled = false
}
