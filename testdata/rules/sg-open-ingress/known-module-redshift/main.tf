module "dwh" {
  source  = "terraform-aws-modules/redshift/aws"
  version = "~> 7.0"

  cluster_identifier = "dwh"

  security_group_ingress_rules = {
    all = {
      from_port = 0
      to_port   = 65535
      cidr_ipv4 = "0.0.0.0/0"
    }
  }
}
