variable "stage" {
  default = "dev"
}

resource "aws_db_instance" "this" {
  instance_class      = "db.t4g.small"
  deletion_protection = var.stage == "prod" ? true : null
}
