module "emr" {
  source  = "terraform-aws-modules/emr/aws"
  version = "~> 2.0"

  name = "spark"

  master_security_group_rules = {
    ssh = {
      type        = "ingress"
      from_port   = 22
      to_port     = 22
      cidr_blocks = ["0.0.0.0/0"]
    }
    out = {
      from_port   = 0
      to_port     = 0
      protocol    = "-1"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
