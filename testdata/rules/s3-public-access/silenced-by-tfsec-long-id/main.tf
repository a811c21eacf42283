#tfsec:ignore:aws-s3-enable-bucket-logging #tfsec:ignore:aws-s3-specify-public-access-block
resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
}
