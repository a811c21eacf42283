variable "versioning" {
  type = map(any)
}

resource "aws_s3_bucket" "data" {
  bucket = "acme-data"

  dynamic "versioning" {
    for_each = var.versioning

    content {
      enabled = versioning.value
    }
  }
}
