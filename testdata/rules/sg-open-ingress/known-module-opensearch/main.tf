module "logs" {
  source  = "terraform-aws-modules/opensearch/aws"
  version = "~> 1.1"

  domain_name = "logs"
  vpc_options = { subnet_ids = ["subnet-1"] }

  security_group_rules = {
    https = {
      cidr_ipv4 = "0.0.0.0/0"
    }
    rest = {
      from_port = 9200
      to_port   = 9300
      cidr_ipv4 = "0.0.0.0/0"
    }
  }
}
