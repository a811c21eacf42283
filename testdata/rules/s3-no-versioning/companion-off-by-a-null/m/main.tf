variable "name" {}
variable "versioning" { default = null }
resource "aws_s3_bucket" "b" {
  bucket = var.name
}
resource "aws_s3_bucket_versioning" "b" {
  count  = var.versioning != null ? 1 : 0
  bucket = aws_s3_bucket.b.id
  versioning_configuration {
    status = var.versioning
  }
}
