resource "aws_kms_key" "main" {
  description         = "Orders"
  enable_key_rotation = false # cost
}
