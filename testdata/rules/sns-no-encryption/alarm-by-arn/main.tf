resource "aws_sns_topic" "alerts" {
  name = "alerts"
}

data "aws_caller_identity" "current" {}

resource "aws_cloudwatch_metric_alarm" "cpu" {
  alarm_name          = "cpu"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "CPUUtilization"
  namespace           = "AWS/EC2"
  period              = 60
  statistic           = "Average"
  threshold           = 90

  alarm_actions = ["arn:aws:sns:eu-west-1:${data.aws_caller_identity.current.account_id}:alerts"]
}
