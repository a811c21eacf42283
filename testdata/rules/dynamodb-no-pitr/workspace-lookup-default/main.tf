resource "aws_dynamodb_table" "orders" {
  name     = "orders-${terraform.workspace}"
  hash_key = "id"

  point_in_time_recovery {
    enabled = lookup({ prod = true }, terraform.workspace, false)
  }
}
