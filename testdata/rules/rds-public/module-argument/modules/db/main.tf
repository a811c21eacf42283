variable "name" {}

variable "public" {
  type = bool
}

resource "aws_db_instance" "this" {
  identifier          = var.name
  publicly_accessible = var.public
}
