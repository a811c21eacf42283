variable "buckets" {
  type = set(string)
}

resource "aws_s3_bucket_public_access_block" "all" {
  for_each          = var.buckets
  bucket            = each.value
  block_public_acls = true
}
