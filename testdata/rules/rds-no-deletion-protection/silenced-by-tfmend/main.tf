# Recreated every night. tfmend:ignore rds-no-deletion-protection
resource "aws_db_instance" "main" {
  identifier = "orders"
}
