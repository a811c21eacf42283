variable "tables" {
  type = any
  default = {
    orders = {
      key = "id"
    }
    carts = {
      key    = "id"
      backup = { enabled = true }
    }
  }
}

resource "aws_dynamodb_table" "this" {
  for_each     = var.tables
  name         = each.key
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = each.value.key

  attribute {
    name = each.value.key
    type = "S"
  }

  point_in_time_recovery {
    enabled = lookup(lookup(each.value, "backup", {}), "enabled", false)
  }
}
