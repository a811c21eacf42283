locals {
  partners  = ["222233334444", "333344445555"]
  everybody = ["all"]
}

resource "aws_db_snapshot" "last" {
  db_instance_identifier = "orders"
  db_snapshot_identifier = "orders-last"
  shared_accounts        = toset(flatten([local.partners, local.everybody]))
}
