# Buckets of the shop.

###############################################################################
# assets: product pictures, delivered by CloudFront only
###############################################################################

resource "aws_s3_bucket" "assets" {
  bucket = "acme-prod-assets-eu"

  tags = {
    Team       = "storefront"
    CostCenter = "4711" # ask finance before you change it
  }
}

resource "aws_s3_bucket_public_access_block" "assets" {
  bucket = aws_s3_bucket.assets.id

  block_public_acls       = false # the old uploader sets public-read
  block_public_policy     = true
  ignore_public_acls      = false
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "assets" {
  bucket = aws_s3_bucket.assets.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "assets" {
  bucket = aws_s3_bucket.assets.id

  versioning_configuration {
    status = "Suspended" # too expensive with the nightly re-render
  }
}

resource "aws_s3_bucket_policy" "assets" {
  bucket = aws_s3_bucket.assets.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "CloudFrontRead"
        Effect    = "Allow"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.assets.arn}/*"
        Condition = {
          StringEquals = {
            "AWS:SourceAccount" = data.aws_caller_identity.current.account_id
          }
        }
      },
    ]
  })
}

###############################################################################
# exports: nightly dumps for the warehouse
###############################################################################

resource "aws_s3_bucket" "exports" {
  bucket = "${local.prefix}-exports"

  tags = merge(local.repo_tags, {
    git_file  = "live/prod-eu/storage.tf"
    yor_trace = "6b1f6d0e-2c9e-4d54-9a86-0c1a53a0b3e7"
    yor_name  = "exports"
  })
}

resource "aws_s3_bucket_server_side_encryption_configuration" "exports" {
  bucket = aws_s3_bucket.exports.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.data.arn
    }
    bucket_key_enabled = true
  }
}

data "aws_iam_policy_document" "exports" {
  statement {
    sid       = "WarehouseRead"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [aws_s3_bucket.exports.arn, "${aws_s3_bucket.exports.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.warehouse.arn]
    }
  }
}

resource "aws_s3_bucket_policy" "exports" {
  bucket = aws_s3_bucket.exports.id
  policy = data.aws_iam_policy_document.exports.json
}

###############################################################################
# partner: where partners drop their price lists
###############################################################################

resource "aws_s3_bucket" "partner" {
  bucket = "acme-partner-dropbox"
}

resource "aws_s3_bucket_public_access_block" "partner" {
  bucket = aws_s3_bucket.partner.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "partner" {
  bucket = aws_s3_bucket.partner.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_policy" "partner" {
  bucket = aws_s3_bucket.partner.id

  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "PartnerWrite",
          "Effect": "Allow",
          "Principal": { "AWS": "${aws_iam_role.partner_upload.arn}" },
          "Action": ["s3:PutObject", "s3:AbortMultipartUpload"],
          "Resource": "${aws_s3_bucket.partner.arn}/incoming/*"
        }
      ]
    }
  EOT
}
