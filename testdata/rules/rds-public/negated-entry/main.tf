locals {
  databases = {
    dev  = { internal = false }
    prod = { internal = true }
  }
}

resource "aws_db_instance" "this" {
  for_each            = local.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = !each.value.internal
}
