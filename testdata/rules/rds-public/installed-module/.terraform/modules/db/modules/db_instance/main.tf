variable "identifier" {}

variable "publicly_accessible" {
  default = false
}

resource "aws_db_instance" "this" {
  count               = 1
  identifier          = var.identifier
  publicly_accessible = var.publicly_accessible
}
