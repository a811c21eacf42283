variable "public" {
  type = bool
}

resource "aws_db_instance" "main" {
  identifier          = "orders-${terraform.workspace}"
  publicly_accessible = var.public
}
