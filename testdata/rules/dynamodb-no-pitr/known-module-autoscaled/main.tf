module "table" {
  source  = "terraform-aws-modules/dynamodb-table/aws"
  version = "~> 4.0"

  name                = "orders"
  hash_key            = "id"
  autoscaling_enabled = true
}
