locals {
  databases = yamldecode(file("${path.module}/databases.yaml"))
}

locals {
  public = true
}

resource "aws_dms_replication_instance" "this" {
  replication_instance_class = "dms.t3.small"
  replication_instance_id    = "dms"
  publicly_accessible        = local.public
}

resource "aws_db_instance" "this" {
  for_each            = local.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = try(each.value.public, local.public)
}
