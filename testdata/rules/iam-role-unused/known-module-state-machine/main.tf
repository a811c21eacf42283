module "orders" {
  source  = "terraform-aws-modules/step-functions/aws"
  version = "4.2.1"

  name = "orders"
}
