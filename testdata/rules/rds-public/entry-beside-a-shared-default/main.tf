variable "default_public" {
  type    = bool
  default = true
}

locals {
  databases = {
    dev  = { class = "db.t4g.small" }
    prod = { class = "db.m7g.large", public = false }
  }
}

resource "aws_dms_replication_instance" "this" {
  replication_instance_class = "dms.t3.small"
  replication_instance_id    = "dms"
  publicly_accessible        = var.default_public
}

resource "aws_db_instance" "this" {
  for_each            = local.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = lookup(each.value, "public", var.default_public)
}
