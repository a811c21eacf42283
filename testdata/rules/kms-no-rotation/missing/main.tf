resource "aws_kms_key" "main" {
  description             = "Orders"
  deletion_window_in_days = 10
}
