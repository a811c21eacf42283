variable "public" {
  type    = bool
  default = true
}

resource "aws_db_instance" "main" {
  identifier          = "orders"
  publicly_accessible = var.public
}
