locals {
  databases = {
    dev = {
      class = "db.t4g.small"
    }
    prod = {
      class  = "db.m7g.large"
      public = false
    }
  }
}

resource "aws_db_instance" "this" {
  for_each            = local.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = lookup(each.value, "public", true)
}
