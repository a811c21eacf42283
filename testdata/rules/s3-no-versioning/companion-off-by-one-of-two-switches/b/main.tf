variable "name" {}
variable "create" { default = true }
variable "versioning" {
  type    = bool
  default = false
}
resource "aws_s3_bucket" "this" {
  count  = var.create ? 1 : 0
  bucket = var.name
}
resource "aws_s3_bucket_versioning" "this" {
  count  = var.create && var.versioning ? 1 : 0
  bucket = aws_s3_bucket.this[0].id
  versioning_configuration {
    status = "Enabled"
  }
}
