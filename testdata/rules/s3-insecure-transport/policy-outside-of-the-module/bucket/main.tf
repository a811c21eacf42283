resource "aws_s3_bucket" "this" {
  bucket = "x"
}

output "id" {
  value = aws_s3_bucket.this.id
}
