locals {
  databases = {
    dev  = { class = "db.t4g.small" }
    test = { class = "db.t4g.small" }
  }
}

resource "aws_db_instance" "this" {
  for_each            = local.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = try(each.value.public, true)
}
