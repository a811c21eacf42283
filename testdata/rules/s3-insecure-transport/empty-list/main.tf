resource "aws_s3_bucket" "logs" {
  bucket = "example-logs"
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = "example-logs"
  policy = jsonencode({ Statement = [] })
}
