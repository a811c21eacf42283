variable "public" {
  type = bool
}

resource "aws_db_instance" "this" {
  identifier          = "orders"
  publicly_accessible = var.public
}
