module "notify" {
  source = "./notify"
}

module "alarm" {
  source  = "example/alarm/aws"
  version = "1.2.0"

  alarm_actions = [module.notify.arn]
}
