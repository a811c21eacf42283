module "app" {
  source  = "terraform-aws-modules/security-group/aws"
  version = "~> 5.0"

  name = "app"

  ingress_with_cidr_blocks = [
    {
      rule        = "ssh-tcp"
      cidr_blocks = "0.0.0.0/0"
    },
  ]
}
