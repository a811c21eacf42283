module "orders" {
  source  = "cloudposse/dynamodb/aws"
  version = "0.35.1"

  name                          = "orders"
  hash_key                      = "id"
  enable_point_in_time_recovery = false
}
