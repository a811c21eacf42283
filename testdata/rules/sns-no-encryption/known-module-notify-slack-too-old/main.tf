module "slack" {
  source  = "terraform-aws-modules/notify-slack/aws"
  version = "2.15.0"

  sns_topic_name    = "alerts"
  slack_webhook_url = "https://example.com/hook"
}
