variable "public" {
  type    = bool
  default = false
}

resource "aws_db_instance" "main" {
  identifier          = "orders"
  publicly_accessible = var.public

  lifecycle {
    ignore_changes = [publicly_accessible]
  }
}
