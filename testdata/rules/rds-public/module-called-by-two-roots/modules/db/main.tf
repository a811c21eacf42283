variable "name" {}

variable "public" {
  default = true
}

resource "aws_db_instance" "this" {
  identifier          = var.name
  publicly_accessible = var.public
}
