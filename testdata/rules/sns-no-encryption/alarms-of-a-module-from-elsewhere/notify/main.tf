resource "aws_sns_topic" "alerts" {
  name = "alerts"
}

output "arn" {
  value = aws_sns_topic.alerts.arn
}
