# The generation before the split: everything about a bucket may stand in its block.
resource "aws_s3_bucket" "s3_bare" {
  bucket = "prove-v3-bare"
}

resource "aws_s3_bucket" "s3_inline" {
  bucket = "prove-v3-inline"
  acl    = "private"

  versioning {
    enabled = false
  }

  policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Readers",
      "Effect": "Allow",
      "Principal": { "AWS": "arn:aws:iam::123456789012:root" },
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::prove-v3-inline/*"
    }
  ]
}
POLICY
}

resource "aws_s3_bucket" "s3_companions" {
  bucket = "prove-v3-companions"

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
}

resource "aws_s3_bucket_public_access_block" "s3_companions" {
  bucket = aws_s3_bucket.s3_companions.id

  block_public_acls   = true
  block_public_policy = false
}

resource "aws_s3_bucket_policy" "s3_companions" {
  bucket = aws_s3_bucket.s3_companions.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Readers"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::123456789012:root" }
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.s3_companions.arn}/*"
      },
    ]
  })
}

resource "aws_dynamodb_table" "dynamodb_absent" {
  name         = "prove-absent"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }
}
