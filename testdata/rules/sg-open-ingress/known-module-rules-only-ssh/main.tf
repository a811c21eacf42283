module "app" {
  source  = "terraform-aws-modules/security-group/aws"
  version = "~> 5.0"

  name            = "app"
  use_name_prefix = true

  ingress_cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
  ingress_rules       = ["ssh-tcp"]
}
