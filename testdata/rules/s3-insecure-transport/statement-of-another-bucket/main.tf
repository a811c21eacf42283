resource "aws_s3_bucket" "b" {
  bucket = "acme-of-ours"
}
resource "aws_s3_bucket_policy" "b" {
  bucket = aws_s3_bucket.b.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Tls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::acme-of-others", "arn:aws:s3:::acme-of-others/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
