locals {
  share_with = ["222233334444", "all"]
}

resource "aws_db_cluster_snapshot" "last" {
  db_cluster_identifier          = "orders"
  db_cluster_snapshot_identifier = "orders-last"
  shared_accounts                = local.share_with
}
