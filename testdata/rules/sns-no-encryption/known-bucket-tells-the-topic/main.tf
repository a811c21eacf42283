resource "aws_sns_topic" "uploads" {
  name = "uploads"
}

module "bucket" {
  source  = "cloudposse/s3-bucket/aws"
  version = "4.10.0"

  namespace = "eg"
  name      = "uploads"

  event_notification_details = {
    enabled = true
    topic_list = [
      {
        topic_arn = aws_sns_topic.uploads.arn
      },
    ]
  }
}
