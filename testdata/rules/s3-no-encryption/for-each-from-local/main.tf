locals {
  zones = {
    raw   = "acme-raw"
    clean = "acme-clean"
  }
}

resource "aws_s3_bucket" "this" {
  for_each = local.zones

  bucket = each.value
}
