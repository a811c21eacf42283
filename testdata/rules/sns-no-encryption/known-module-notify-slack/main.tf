module "slack" {
  source  = "terraform-aws-modules/notify-slack/aws"
  version = "~> 6.0"

  sns_topic_name    = "alerts"
  slack_webhook_url = "https://example.com/hook"
  slack_channel     = "alerts"
  slack_username    = "reporter"
}
