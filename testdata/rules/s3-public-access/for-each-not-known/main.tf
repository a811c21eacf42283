variable "buckets" {
  type = map(string)
}

resource "aws_s3_bucket" "logs" {
  for_each = var.buckets
  bucket   = each.value
}
