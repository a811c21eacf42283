resource "aws_db_instance" "main" {
  #checkov:skip=CKV_AWS_17:The partner connects from outside
  identifier          = "orders"
  publicly_accessible = true
}
