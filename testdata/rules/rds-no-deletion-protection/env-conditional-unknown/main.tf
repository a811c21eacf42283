variable "env" {}

resource "aws_db_instance" "main" {
  identifier          = "orders"
  deletion_protection = var.env == "prod"
}
