variable "pitr" {
  type    = bool
  default = null
}

resource "aws_dynamodb_table" "orders" {
  name     = "orders"
  hash_key = "id"

  point_in_time_recovery {
    enabled = coalesce(var.pitr, false)
  }
}
