# tfmend:ignore rds-public
resource "aws_db_instance" "main" {
  identifier = "orders"
}
