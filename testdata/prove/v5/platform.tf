resource "aws_kms_key" "kms_absent" {
  description = "prove: rotation not mentioned"
}

resource "aws_kms_key" "kms_false" {
  description             = "prove: rotation off"
  deletion_window_in_days = 7
  enable_key_rotation     = false
}

resource "aws_s3_bucket" "trail" {
  bucket        = "prove-v5-trail"
  force_destroy = true
}

data "aws_iam_policy_document" "trail" {
  statement {
    sid       = "TrailAclCheck"
    actions   = ["s3:GetBucketAcl"]
    resources = [aws_s3_bucket.trail.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }

  statement {
    sid       = "TrailWrite"
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.trail.arn}/AWSLogs/${local.account}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }
}

resource "aws_s3_bucket_policy" "trail" {
  bucket = aws_s3_bucket.trail.id
  policy = data.aws_iam_policy_document.trail.json
}

resource "aws_cloudtrail" "cloudtrail_variable" {
  name                       = "prove-trail"
  s3_bucket_name             = aws_s3_bucket.trail.id
  enable_log_file_validation = var.trail_validates_files

  depends_on = [aws_s3_bucket_policy.trail]
}

resource "aws_ecr_repository" "ecr_absent" {
  name = "prove/absent"
}

resource "aws_ecr_repository" "ecr_each" {
  for_each = var.repositories

  name = "prove/${each.key}"

  image_scanning_configuration {
    scan_on_push = each.value.scan
  }
}

resource "aws_sqs_queue" "sqs_absent" {
  name                    = "prove-absent"
  sqs_managed_sse_enabled = false
}

resource "aws_sns_topic" "sns_absent" {
  name = "prove-absent"
}
