resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
}

output "id" {
  value = aws_s3_bucket.logs.id
}
