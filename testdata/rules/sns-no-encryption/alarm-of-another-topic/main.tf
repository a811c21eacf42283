resource "aws_sns_topic" "alerts" {
  name = "alerts"
}

resource "aws_sns_topic" "pages" {
  name              = "pages"
  kms_master_key_id = "alias/messaging"
}

resource "aws_cloudwatch_metric_alarm" "cpu" {
  alarm_name          = "cpu"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "CPUUtilization"
  namespace           = "AWS/EC2"
  period              = 60
  statistic           = "Average"
  threshold           = 90

  alarm_actions = [aws_sns_topic.pages.arn]
}

resource "aws_cloudwatch_metric_alarm" "off" {
  count = 0

  alarm_name          = "off"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  alarm_actions       = [aws_sns_topic.alerts.arn]
}
