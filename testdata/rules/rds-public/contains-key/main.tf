variable "public_databases" {
  type    = list(string)
  default = ["dev", "test"]
}

resource "aws_db_instance" "this" {
  for_each            = toset(["dev", "prod", "test"])
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = contains(var.public_databases, each.key)
}
