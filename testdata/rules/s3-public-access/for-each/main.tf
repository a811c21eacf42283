resource "aws_s3_bucket" "this" {
  for_each = toset(["eu", "us"])
  bucket   = "acme-data-${each.key}"
}
