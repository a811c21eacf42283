resource "aws_s3_bucket" "assets" {
  bucket = "acme-non-public-assets"
  acl    = "public-read"
}
