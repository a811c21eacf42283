resource "aws_s3_bucket" "assets_public" {
  bucket = "acme-assets"
}

resource "aws_s3_bucket_acl" "assets" {
  bucket = aws_s3_bucket.assets_public.id
  acl    = "public-read"
}
