module "audit_logs" {
  source = "../../modules/log-bucket"

  name   = "acme-audit-logs"
  suffix = var.environment
  tags   = { Team = "security" }
}

data "aws_iam_policy_document" "audit_logs" {
  statement {
    sid       = "TrailAclCheck"
    actions   = ["s3:GetBucketAcl"]
    resources = [module.audit_logs.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }

  statement {
    sid       = "TrailWrite"
    actions   = ["s3:PutObject"]
    resources = ["${module.audit_logs.arn}/AWSLogs/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [module.audit_logs.arn, "${module.audit_logs.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "audit_logs" {
  bucket = module.audit_logs.bucket
  policy = data.aws_iam_policy_document.audit_logs.json
}

resource "aws_cloudtrail" "main" {
  name                          = "${local.prefix}-trail"
  s3_bucket_name                = module.audit_logs.bucket
  include_global_service_events = true
  is_multi_region_trail         = true
  enable_log_file_validation    = false

  depends_on = [aws_s3_bucket_policy.audit_logs]
}

# Data at rest: exports, queues, alarms.
resource "aws_kms_key" "data" {
  description             = "${local.prefix} data"
  deletion_window_in_days = 30
}

resource "aws_kms_alias" "data" {
  name          = "alias/${local.prefix}-data"
  target_key_id = aws_kms_key.data.key_id
}

resource "aws_ebs_encryption_by_default" "this" {
  enabled = false
}
