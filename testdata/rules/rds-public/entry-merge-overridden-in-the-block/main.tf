locals {
  databases = {
    dev  = { public = false }
    prod = { public = false }
  }
}

resource "aws_db_instance" "this" {
  for_each            = local.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = merge(each.value, { public = true }).public
}
