variable "env" {
  default = "dev"
}

locals {
  is_prod = var.env == "prod"
}

resource "aws_db_instance" "this" {
  instance_class      = "db.t4g.small"
  publicly_accessible = local.is_prod ? false : true
}

resource "aws_db_instance" "replica" {
  count               = local.is_prod ? 1 : 0
  instance_class      = "db.t4g.small"
  publicly_accessible = !local.is_prod
}
