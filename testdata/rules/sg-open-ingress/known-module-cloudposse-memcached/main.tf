module "cache" {
  source  = "cloudposse/elasticache-memcached/aws"
  version = "0.17.0"

  namespace = "eg"
  name      = "web"

  additional_security_group_rules = [
    {
      type        = "ingress"
      from_port   = 22
      to_port     = 22
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
    },
  ]
}
