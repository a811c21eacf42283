module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "21.0.4"

  name = "main"

  security_group_additional_rules = {
    ingress_all = {
      from_port   = 0
      to_port     = 65535
      cidr_blocks = ["0.0.0.0/0", "10.0.0.0/8"]
    }
  }
}
