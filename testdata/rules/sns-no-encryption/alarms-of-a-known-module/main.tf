resource "aws_sns_topic" "alerts" {
  name = "alerts"
}

module "cache" {
  source  = "cloudposse/elasticache-redis/aws"
  version = "~> 1.0"

  namespace                        = "eg"
  name                             = "cache"
  cloudwatch_metric_alarms_enabled = true
  alarm_actions                    = [aws_sns_topic.alerts.arn]
}
