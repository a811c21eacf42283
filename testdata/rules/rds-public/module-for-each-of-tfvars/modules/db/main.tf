variable "name" {}

variable "public" {
  default = false
}

resource "aws_db_instance" "this" {
  identifier          = var.name
  publicly_accessible = var.public
}
