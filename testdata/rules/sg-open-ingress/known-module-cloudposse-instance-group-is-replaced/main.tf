module "group" {
  source  = "cloudposse/ec2-instance-group/aws"
  version = "1.0.0"

  namespace = "eg"
  name      = "web"

  security_group_rules = [
    {
      type        = "ingress"
      from_port   = 22
      to_port     = 22
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
    },
  ]
}
