terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "3.76.0"
    }
  }
}

resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
}
