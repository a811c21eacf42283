resource "aws_cloudwatch_metric_alarm" "cpu" {
  alarm_name          = "cpu"
  comparison_operator = "GreaterThanThreshold"
  evaluation_periods  = 1
  metric_name         = "CPUUtilization"
  namespace           = "AWS/EC2"
  period              = 60
  statistic           = "Average"
  threshold           = 90

  alarm_actions = [aws_sns_topic.alerts.arn]
}

resource "aws_db_event_subscription" "backups" {
  name      = "backups"
  sns_topic = aws_sns_topic.alerts.arn
}

resource "aws_s3_bucket_notification" "uploads" {
  bucket = "uploads"

  topic {
    topic_arn = aws_sns_topic.alerts.arn
    events    = ["s3:ObjectCreated:*"]
  }
}
