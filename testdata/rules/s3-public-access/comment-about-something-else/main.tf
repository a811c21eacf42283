# This bucket must not be public.
resource "aws_s3_bucket" "downloads" {
  # TODO: block public access
  bucket = "acme-downloads"
}
