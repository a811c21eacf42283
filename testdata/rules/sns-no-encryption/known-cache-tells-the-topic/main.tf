resource "aws_sns_topic" "alerts" {
  name = "alerts"
}

module "cache" {
  source  = "terraform-aws-modules/elasticache/aws"
  version = "~> 1.10"

  replication_group_id   = "cache"
  notification_topic_arn = aws_sns_topic.alerts.arn
}
