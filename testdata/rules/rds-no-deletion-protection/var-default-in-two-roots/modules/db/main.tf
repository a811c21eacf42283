variable "name" {}

variable "deletion_protection" {
  type    = bool
  default = false
}

resource "aws_db_instance" "this" {
  identifier          = var.name
  deletion_protection = var.deletion_protection
}
