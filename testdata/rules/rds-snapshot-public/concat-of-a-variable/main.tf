variable "accounts" {
  type    = list(string)
  default = ["222233334444"]
}

resource "aws_db_snapshot" "last" {
  db_instance_identifier = "orders"
  db_snapshot_identifier = "orders-last"
  shared_accounts        = concat(var.accounts, ["all"])
}
