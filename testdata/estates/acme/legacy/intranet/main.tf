# Provider 3 until somebody has a week. Do not copy from here.

terraform {
  required_version = ">= 0.14"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 3.39.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

# Scanned contracts. Legal needs them for ten years.
resource "aws_s3_bucket" "contracts" {
  bucket = "acme-intranet-contracts"
  acl    = "private"

  versioning {
    enabled = false
  }

  lifecycle_rule {
    id      = "cold"
    enabled = true

    transition {
      days          = 90
      storage_class = "GLACIER"
    }
  }
}

# Wiki attachments
resource "aws_s3_bucket" "wiki" {
  bucket = "acme-intranet-wiki"
  acl    = "private"

  versioning {
    enabled = true
  }

  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
}

# The careers pages are meant to be public: served straight from the bucket.
resource "aws_s3_bucket" "careers" {
  bucket = "acme-careers-site"
  acl    = "public-read"

  website {
    index_document = "index.html"
    error_document = "404.html"
  }

  versioning {
    enabled = true
  }

  tags = {
    Public = "yes"
  }
}
