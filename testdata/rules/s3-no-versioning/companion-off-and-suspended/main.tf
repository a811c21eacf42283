variable "versioning" {
  type    = object({ enabled = bool, status = string })
  default = { enabled = false, status = "Suspended" }
}
resource "aws_s3_bucket" "this" {
  bucket = "acme-of-ours"
}
resource "aws_s3_bucket_versioning" "this" {
  count  = var.versioning.enabled ? 1 : 0
  bucket = aws_s3_bucket.this.id
  versioning_configuration {
    status = var.versioning.status
  }
}
