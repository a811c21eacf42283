variable "enabled" {
  type = bool
}

resource "aws_db_instance" "main" {
  count               = var.enabled ? 1 : 0
  identifier          = "orders"
  publicly_accessible = true
}
