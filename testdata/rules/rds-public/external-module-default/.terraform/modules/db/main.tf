variable "identifier" {}

variable "publicly_accessible" {
  default = true
}

resource "aws_db_instance" "this" {
  count               = 1
  identifier          = var.identifier
  publicly_accessible = var.publicly_accessible
}
