# Nothing but the bucket: four findings on one block.
resource "aws_s3_bucket" "s3_bare" {
  bucket = "prove-v5-bare"
  tags   = local.tags
}

# Every companion is there, and none is as it should be.
resource "aws_s3_bucket" "s3_half_done" {
  bucket = "prove-v5-half-done"
}

resource "aws_s3_bucket_public_access_block" "s3_half_done" {
  bucket = aws_s3_bucket.s3_half_done.id

  block_public_acls   = true
  block_public_policy = false # the old CDN wrote its own policy
  ignore_public_acls  = true
}

resource "aws_s3_bucket_versioning" "s3_half_done" {
  bucket = aws_s3_bucket.s3_half_done.id

  versioning_configuration {
    status = "Suspended"
  }
}

resource "aws_s3_bucket_policy" "s3_half_done" {
  bucket = aws_s3_bucket.s3_half_done.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Readers"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${local.account}:root" }
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.s3_half_done.arn}/*"
      },
    ]
  })
}

# The policy as a heredoc; the name is a template.
resource "aws_s3_bucket" "s3_heredoc" {
  bucket = "${local.prefix}-heredoc-${local.account}"
}

resource "aws_s3_bucket_policy" "s3_heredoc" {
  bucket = aws_s3_bucket.s3_heredoc.id
  policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Readers",
      "Effect": "Allow",
      "Principal": { "AWS": "arn:aws:iam::${local.account}:root" },
      "Action": "s3:GetObject",
      "Resource": "${aws_s3_bucket.s3_heredoc.arn}/*"
    }
  ]
}
POLICY
}

# The policy as a data source.
resource "aws_s3_bucket" "s3_document" {
  bucket = "prove-v5-document"
}

data "aws_iam_policy_document" "s3_document" {
  statement {
    sid       = "Readers"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.s3_document.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::${local.account}:root"]
    }
  }
}

resource "aws_s3_bucket_policy" "s3_document" {
  bucket = aws_s3_bucket.s3_document.id
  policy = data.aws_iam_policy_document.s3_document.json
}

# Many at once.
resource "aws_s3_bucket" "s3_each" {
  for_each = toset(["reports", "archive"])

  bucket = "prove-v5-${each.key}"
}

resource "aws_s3_bucket" "s3_counted" {
  count = 2

  bucket = "prove-v5-shard-${count.index}"
}

# Through a module, and decided in terraform.tfvars and at the call.
module "s3_module" {
  source = "./modules/bucket"

  name         = "prove-v5-module"
  versioning   = var.bucket_versioning
  block_public = false
}

# The account's own switch.
resource "aws_s3_account_public_access_block" "s3_account" {
  block_public_acls   = true
  block_public_policy = false
}
