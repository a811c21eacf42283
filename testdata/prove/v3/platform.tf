resource "aws_kms_key" "kms_absent" {
  description = "prove: rotation not mentioned"
}

resource "aws_s3_bucket" "trail" {
  bucket        = "prove-v3-trail"
  force_destroy = true
}

resource "aws_cloudtrail" "cloudtrail_absent" {
  name           = "prove-trail"
  s3_bucket_name = aws_s3_bucket.trail.id
}

resource "aws_ecr_repository" "ecr_false" {
  name = "prove/false"

  image_scanning_configuration {
    scan_on_push = false
  }
}

resource "aws_sqs_queue" "sqs_absent" {
  name = "prove-absent"
}

resource "aws_sns_topic" "sns_absent" {
  name = "prove-absent"
}
