locals {
  databases = {}
}

resource "aws_db_instance" "main" {
  for_each            = local.databases
  identifier          = each.key
  publicly_accessible = true
}
