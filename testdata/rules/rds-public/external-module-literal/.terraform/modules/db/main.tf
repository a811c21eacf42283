resource "aws_db_instance" "this" {
  identifier          = "orders"
  publicly_accessible = true
}
