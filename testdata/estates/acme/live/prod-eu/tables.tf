resource "aws_dynamodb_table" "service" {
  for_each = local.tables

  name = "${local.prefix}-${each.key}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = each.value.hash_key

  attribute {
    name = each.value.hash_key
    type = "S"
  }

  point_in_time_recovery {
    enabled = each.value.pitr
  }
}

resource "aws_dynamodb_table" "locks" {
  name           = "${local.prefix}-locks"
  billing_mode   = "PAY_PER_REQUEST"
  hash_key       = "LockID"
  deletion_protection_enabled = true

  attribute {
    name = "LockID"
    type = "S"
  }
}
