locals {
  protected = ["prod"]
}

resource "aws_db_instance" "this" {
  for_each            = toset(["dev", "prod"])
  identifier          = each.key
  instance_class      = "db.t4g.small"
  deletion_protection = contains(local.protected, each.key)
}
