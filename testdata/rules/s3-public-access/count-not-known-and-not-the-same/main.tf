variable "on" {
  type = bool
}

variable "blocked" {
  type = bool
}

resource "aws_s3_bucket" "logs" {
  count  = var.on ? 1 : 0
  bucket = "acme-logs"
}

resource "aws_s3_bucket_public_access_block" "logs" {
  count  = var.blocked ? 1 : 0
  bucket = aws_s3_bucket.logs[0].id
}
