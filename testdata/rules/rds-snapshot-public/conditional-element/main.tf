variable "public" {
  type    = bool
  default = true
}

resource "aws_db_snapshot" "last" {
  db_instance_identifier = "orders"
  db_snapshot_identifier = "orders-last"
  shared_accounts        = compact(["222233334444", var.public ? "all" : ""])
}
