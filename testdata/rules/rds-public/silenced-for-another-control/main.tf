# tfsec:ignore:aws-rds-encrypt-instance-storage-data
resource "aws_db_instance" "main" {
  #checkov:skip=CKV_AWS_16:No personal data
  identifier          = "orders"
  publicly_accessible = true
}
