variable "name" {
  type = string
}

resource "aws_s3_bucket" "logs" {
  bucket = var.name
}

output "id" {
  value = aws_s3_bucket.logs.id
}
