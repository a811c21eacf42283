resource "aws_s3_bucket" "team" {
  for_each = toset(["a", "b"])
  bucket   = "example-${each.key}"
}
