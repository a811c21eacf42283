module "cache" {
  source  = "terraform-aws-modules/elasticache/aws"
  version = "1.10.0"

  cluster_id = "sessions"

  security_group_rules = {
    vpc = {
      cidr_ipv4 = "10.0.0.0/16"
    }
    test = {
      ip_protocol = "-1"
      cidr_ipv6   = "::/0"
    }
  }
}
