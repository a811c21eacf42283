module "db" {
  source  = "terraform-aws-modules/rds-aurora/aws"
  version = "~> 9.0"

  name   = "orders"
  engine = "aurora-mysql"

  security_group_rules = {
    everybody = {
      cidr_blocks = ["0.0.0.0/0"]
    }
    network = {
      cidr_blocks = ["10.0.0.0/8"]
    }
  }
}
