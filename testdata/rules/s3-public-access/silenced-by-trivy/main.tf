#trivy:ignore:AVD-AWS-0094
resource "aws_s3_bucket" "logs" {
  bucket = "acme-logs"
}
