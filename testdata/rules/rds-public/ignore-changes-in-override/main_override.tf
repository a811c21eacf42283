resource "aws_db_instance" "main" {
  lifecycle {
    ignore_changes = [publicly_accessible]
  }
}
