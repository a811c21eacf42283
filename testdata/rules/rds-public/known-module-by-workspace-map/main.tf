locals {
  public = {
    dev  = true
    prod = false
  }
  env = "dev"
}

module "db" {
  source  = "terraform-aws-modules/rds/aws"
  version = "~> 6.0"

  identifier          = "orders"
  publicly_accessible = local.public[local.env]
}
