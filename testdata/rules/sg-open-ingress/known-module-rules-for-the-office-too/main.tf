module "app" {
  source  = "terraform-aws-modules/security-group/aws"
  version = "~> 5.0"

  name = "app"

  ingress_cidr_blocks = ["0.0.0.0/0", "10.0.0.0/8"]
  ingress_rules       = ["https-443-tcp", "ssh-tcp"]
}
