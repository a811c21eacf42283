module "db" {
  source  = "terraform-aws-modules/rds-aurora/aws"
  version = "10.0.2"

  name   = "orders"
  engine = "aurora-mysql"

  security_group_ingress_rules = {
    network = {
      cidr_ipv4 = "10.0.0.0/8"
    }
    everybody = {
      cidr_ipv4 = "0.0.0.0/0"
    }
  }
}
