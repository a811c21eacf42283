module "endpoints" {
  source  = "terraform-aws-modules/vpc/aws//modules/vpc-endpoints"
  version = "~> 5.5"

  create_security_group      = true
  security_group_name_prefix = "endpoints-"

  security_group_rules = {
    https = {
      cidr_blocks = ["10.0.0.0/16"]
    }
    all = {
      protocol    = "-1"
      from_port   = 0
      to_port     = 0
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
