variable "backups" {
  default = false
}

resource "aws_backup_vault" "this" {
  count = var.backups ? 1 : 0
  name  = "vault"
}

resource "aws_dynamodb_table" "orders" {
  name     = "orders"
  hash_key = "id"

  point_in_time_recovery {
    enabled = var.backups
  }
}
