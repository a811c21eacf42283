module "db" {
  source  = "terraform-aws-modules/rds-aurora/aws"
  version = "7.7.1"

  name                = "orders"
  engine              = "aurora-postgresql"
  allowed_cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
}
