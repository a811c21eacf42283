resource "aws_s3_bucket" "logs" {
  bucket = "example-logs"
}

locals {
  more = []
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([{ Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "*" }], local.more)
  })
}
