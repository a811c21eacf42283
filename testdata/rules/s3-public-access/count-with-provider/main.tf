variable "replicate" {
  default = true
}

resource "aws_s3_bucket" "replica" {
  count    = var.replicate ? 1 : 0
  provider = aws.dr

  bucket = "acme-replica"
}
