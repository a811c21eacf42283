locals {
  defaults = {
    class  = "db.t4g.small"
    public = true
  }
  input = {
    dev  = { class = "db.t4g.medium" }
    prod = { public = false }
  }
  databases = { for name, db in local.input : name => merge(local.defaults, db) }
}

output "public_by_default" {
  value = local.defaults.public
}

resource "aws_db_instance" "this" {
  for_each            = local.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = each.value.public
}
