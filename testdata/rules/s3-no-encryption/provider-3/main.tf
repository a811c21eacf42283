terraform {
  required_providers {
    aws = "~> 3.0"
  }
}

resource "aws_s3_bucket" "data" {
  bucket = "acme-data"

  lifecycle {
    prevent_destroy = true
  }
}
