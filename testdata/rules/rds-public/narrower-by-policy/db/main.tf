variable "public" {
  type    = bool
  default = true
}

resource "aws_db_instance" "this" {
  instance_class      = "db.t4g.small"
  publicly_accessible = var.public
}
