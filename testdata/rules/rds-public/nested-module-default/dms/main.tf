variable "public" {
  type = bool
}

resource "aws_dms_replication_instance" "this" {
  replication_instance_class = "dms.t3.small"
  replication_instance_id    = "dms"
  publicly_accessible        = var.public
}
