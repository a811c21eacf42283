locals {
  small = {
    dev  = { public = true }
    test = { public = true }
  }
  large = {
    prod = { public = false }
  }
}

resource "aws_db_instance" "this" {
  for_each            = merge(local.small, local.large)
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = each.value.public
}
