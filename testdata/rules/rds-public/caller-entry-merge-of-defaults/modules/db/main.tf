variable "databases" {
  type    = any
  default = {}
}

locals {
  defaults = {
    public         = true
    instance_class = "db.t3.micro"
  }
  databases = { for name, db in var.databases : name => merge(local.defaults, db) }
}

resource "aws_db_instance" "this" {
  for_each = local.databases

  identifier          = each.key
  engine              = each.value.engine
  instance_class      = each.value.instance_class
  publicly_accessible = each.value.public
}
