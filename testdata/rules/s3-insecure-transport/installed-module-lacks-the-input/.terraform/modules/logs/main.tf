variable "create_bucket" {
  default = true
}

variable "bucket" {
  default = null
}

locals {
  attach_policy = false
}

resource "aws_s3_bucket" "this" {
  count  = var.create_bucket ? 1 : 0
  bucket = var.bucket
}

resource "aws_s3_bucket_policy" "this" {
  count  = var.create_bucket && local.attach_policy ? 1 : 0
  bucket = aws_s3_bucket.this[0].id
  policy = replace(data.aws_iam_policy_document.combined[0].json, "_S3_BUCKET_ID_", aws_s3_bucket.this[0].id)
}

data "aws_iam_policy_document" "combined" {
  count = var.create_bucket && local.attach_policy ? 1 : 0

  source_policy_documents = compact([
    false ? data.aws_iam_policy_document.deny[0].json : "",
  ])
}

data "aws_iam_policy_document" "deny" {
  count = false ? 1 : 0

  statement {
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this[0].arn]
  }
}
