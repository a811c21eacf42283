resource "aws_sns_topic" "alerts" {
  name = "alerts"
}

locals {
  notify = concat([aws_sns_topic.alerts.arn], var.more)
}

variable "more" {
  type    = list(string)
  default = []
}

module "alarms" {
  source = "./alarms"
  notify = local.notify
}
