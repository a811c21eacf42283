variable "public" {
  type    = string
  default = "yes"
}

locals {
  is_public = var.public == "yes" ? true : false
}

resource "aws_db_instance" "this" {
  instance_class      = "db.t4g.small"
  publicly_accessible = local.is_public
}
