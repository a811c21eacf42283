locals {
  databases = { for db in jsondecode(file("${path.module}/databases.json")) : db.name => db }
}

resource "aws_db_instance" "this" {
  for_each            = local.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = each.value.public
}
