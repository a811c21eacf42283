locals {
  accounts = [
    { id = "222233334444", share = true },
    { id = "all", share = true },
  ]
}

resource "aws_db_snapshot" "last" {
  db_instance_identifier = "orders"
  db_snapshot_identifier = "orders-last"
  shared_accounts        = [for account in local.accounts : account.id if account.share]
}
