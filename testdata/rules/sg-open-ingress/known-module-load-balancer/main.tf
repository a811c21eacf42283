module "alb" {
  source  = "terraform-aws-modules/alb/aws"
  version = "9.9.0"

  name = "web"

  security_group_ingress_rules = {
    https = {
      from_port   = 443
      to_port     = 443
      cidr_ipv4   = "0.0.0.0/0"
    }
    ssh = {
      from_port   = 22
      to_port     = 22
      ip_protocol = "tcp"
      cidr_ipv4   = "0.0.0.0/0"
    }
  }
}
