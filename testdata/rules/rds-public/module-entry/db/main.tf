variable "class" {
  type = string
}

variable "public" {
  type = bool
}

resource "aws_db_instance" "this" {
  instance_class      = var.class
  publicly_accessible = var.public
}
