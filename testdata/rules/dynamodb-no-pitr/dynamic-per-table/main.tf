variable "tables" {
  type = map(object({
    key  = string
    pitr = optional(bool, false)
  }))
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

  dynamic "point_in_time_recovery" {
    for_each = each.value.pitr ? [true] : []

    content {
      enabled = point_in_time_recovery.value
    }
  }
}
