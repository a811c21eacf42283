resource "aws_s3_bucket_policy" "logs" {
  bucket = "acme-logs"
  policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
