variable "env" {
  default = "dev"
}

variable "accounts" {
  type = map(list(string))
  default = {
    dev  = ["all"]
    prod = ["222233334444"]
  }
}

resource "aws_db_snapshot" "last" {
  db_instance_identifier = "orders"
  db_snapshot_identifier = "orders-last"
  shared_accounts        = var.accounts[var.env]
}
