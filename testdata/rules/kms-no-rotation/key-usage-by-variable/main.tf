variable "usage" {
  default = "GENERATE_VERIFY_MAC"
}

resource "aws_kms_key" "main" {
  key_usage = var.usage
}
