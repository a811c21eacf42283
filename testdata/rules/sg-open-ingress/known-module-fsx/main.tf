module "windows" {
  source  = "terraform-aws-modules/fsx/aws//modules/windows"
  version = "~> 1.0"

  name = "shares"

  security_group_ingress_rules = {
    office = {
      cidr_ipv4   = "198.51.100.0/24"
      ip_protocol = "-1"
    }
    admin = {
      cidr_ipv4 = "0.0.0.0/0"
      from_port = 3389
      to_port   = 3389
    }
  }
}
