locals {
  config = yamldecode(file("${path.module}/app.yaml"))
}

resource "aws_db_instance" "this" {
  for_each            = local.config.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = each.value.public
}
