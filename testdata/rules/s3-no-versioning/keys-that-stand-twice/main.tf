terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.80.0"
    }
  }
}


resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
}

locals {
  policy = {
    Effect   = "Allow"
    Resource = aws_s3_bucket_versioning.other.id
    Resource = ["arn:aws:s3:::acme-logs"]
  }
}

resource "aws_s3_bucket" "other" {
  bucket = "acme-other"
}

resource "aws_s3_bucket_versioning" "other" {
  bucket = aws_s3_bucket.other.id

  versioning_configuration {
    status = "Enabled"
  }
}
