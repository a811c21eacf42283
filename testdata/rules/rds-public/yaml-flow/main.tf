locals {
  config = yamldecode(file("config/app.yml"))
}

resource "aws_db_instance" "this" {
  for_each            = local.config.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = each.value.public
}
