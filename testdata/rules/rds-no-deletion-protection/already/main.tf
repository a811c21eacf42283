resource "aws_db_instance" "main" {
  identifier          = "orders"
  deletion_protection = true
}
