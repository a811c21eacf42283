variable "env" {
  default = "dev"
}

resource "aws_db_instance" "main" {
  identifier          = "orders-${var.env}"
  publicly_accessible = var.env == "dev" ? true : false
}
