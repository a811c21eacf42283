module "app" {
  source  = "cloudposse/ec2-instance/aws"
  version = "1.6.1"

  namespace = "eg"
  name      = "app"

  security_group_rules = [
    {
      type        = "ingress"
      from_port   = 443
      to_port     = 443
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
      description = "Shop"
    },
    {
      type        = "ingress"
      from_port   = 3389
      to_port     = 3389
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
      description = "Remote desktop"
    },
  ]
}
