module "app" {
  source  = "terraform-aws-modules/security-group/aws"
  version = "~> 5.0"

  name = "app"

  ingress_with_ipv6_cidr_blocks = [
    {
      from_port        = 0
      to_port          = 65535
      protocol         = "tcp"
      ipv6_cidr_blocks = "::/0"
    },
  ]
}
