terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.80.0"
    }
  }
}

module "logs" {
  source = "./logs"
}

module "other" {
  source = "./other"
  bucket = aws_s3_bucket.own.id
}

resource "aws_s3_bucket" "own" {
  bucket = "acme-own"
}
