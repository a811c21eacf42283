resource "aws_s3_bucket" "data" {
  bucket = "acme-data"
}

resource "aws_s3_bucket" "old" {
  bucket = "acme-old"

  versioning {
    enabled = true
  }
}
