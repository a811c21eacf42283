variable "snapshots" {
  type = map(object({
    accounts = list(string)
  }))
}

resource "aws_db_snapshot" "this" {
  for_each = var.snapshots

  db_instance_identifier = "db"
  db_snapshot_identifier = each.key
  shared_accounts        = each.value.accounts
}
