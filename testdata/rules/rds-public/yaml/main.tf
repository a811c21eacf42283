locals {
  databases = yamldecode(file("${path.module}/databases.yaml"))
}

resource "aws_db_instance" "this" {
  for_each            = local.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = each.value.public
}
