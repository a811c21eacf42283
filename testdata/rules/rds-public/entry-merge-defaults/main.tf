locals {
  defaults = { public = true, class = "db.t4g.small" }
  databases = {
    dev  = { storage = 20 }
    prod = { public = false }
  }
}

resource "aws_db_instance" "this" {
  for_each            = local.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = merge(local.defaults, each.value).public
}
