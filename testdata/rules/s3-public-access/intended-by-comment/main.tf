# Firmware downloads: intentionally public, see RFC 12.
resource "aws_s3_bucket" "downloads" {
  bucket = "acme-downloads"
}
