locals {
  tables = {
    orders = { key = "id" }
    carts  = { key = "id", backup = { pitr = true } }
  }
}

resource "aws_dynamodb_table" "this" {
  for_each     = local.tables
  name         = each.key
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = each.value.key

  attribute {
    name = each.value.key
    type = "S"
  }

  point_in_time_recovery {
    enabled = try(each.value.backup.pitr, local.pitr)
  }
}

locals {
  pitr = false
}

resource "aws_ssm_parameter" "pitr" {
  name  = "/pitr"
  type  = "String"
  value = tostring(local.pitr)
}
