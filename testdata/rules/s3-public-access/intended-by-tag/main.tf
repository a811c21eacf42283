resource "aws_s3_bucket" "downloads" {
  bucket = "acme-downloads"

  tags = {
    Classification = "Public"
  }
}
