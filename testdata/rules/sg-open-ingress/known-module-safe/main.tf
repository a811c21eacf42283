module "app" {
  source  = "terraform-aws-modules/security-group/aws"
  version = "5.1.0"

  name = "app"

  ingress_cidr_blocks = ["10.0.0.0/8"]
  ingress_rules       = ["ssh-tcp", "https-443-tcp"]
}
