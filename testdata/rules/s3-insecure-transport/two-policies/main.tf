resource "aws_s3_bucket" "logs" {
  bucket = "example-logs"
}

resource "aws_s3_bucket_policy" "one" {
  bucket = aws_s3_bucket.logs.id
  policy = "{}"
}

resource "aws_s3_bucket_policy" "two" {
  bucket = aws_s3_bucket.logs.bucket
  policy = "{}"
}
