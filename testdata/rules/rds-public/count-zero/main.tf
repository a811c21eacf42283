resource "aws_db_instance" "main" {
  count               = 0
  identifier          = "orders"
  publicly_accessible = true
}
