variable "public" {
  type = bool

}

resource "aws_db_instance" "this" {
  instance_class      = "db.t4g.small"
  publicly_accessible = var.public
}
