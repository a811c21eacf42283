module "bastion" {
  source  = "cloudposse/ec2-bastion-server/aws"
  version = "0.31.0"

  namespace = "eg"
  name      = "bastion"

  security_group_rules = [
    {
      type        = "egress"
      from_port   = 0
      to_port     = 0
      protocol    = "-1"
      cidr_blocks = ["0.0.0.0/0"]
    },
    {
      type        = "ingress"
      from_port   = 22
      to_port     = 22
      protocol    = "tcp"
      cidr_blocks = ["198.51.100.7/32", "0.0.0.0/0"]
    },
  ]
}
