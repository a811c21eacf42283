locals {
  databases = {
    for name in ["dev", "prod"] : name => yamldecode(file("${path.module}/db/${name}.yaml"))
  }
}

resource "aws_db_instance" "this" {
  for_each            = local.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = each.value.public
}
