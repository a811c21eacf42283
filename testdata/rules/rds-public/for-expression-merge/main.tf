variable "databases" {
  type = any
}

locals {
  defaults = {
    class  = "db.t4g.small"
    public = true
  }
  databases = { for name, db in var.databases : name => merge(local.defaults, db) }
}

resource "aws_db_instance" "this" {
  for_each            = local.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = each.value.public
}
