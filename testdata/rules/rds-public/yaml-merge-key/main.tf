locals {
  config = yamldecode(file("${path.module}/app.yaml"))
}

resource "aws_dms_replication_instance" "this" {
  replication_instance_class = "dms.t3.small"
  replication_instance_id    = "dms"
  publicly_accessible        = local.config.dms.public
}

resource "aws_db_instance" "this" {
  for_each            = local.config.databases
  identifier          = each.key
  instance_class      = "db.t4g.small"
  publicly_accessible = each.value.public
}
