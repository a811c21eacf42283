variable "public" {
  type = bool
}

resource "aws_db_instance" "main" {
  identifier          = "orders"
  publicly_accessible = var.public
}
