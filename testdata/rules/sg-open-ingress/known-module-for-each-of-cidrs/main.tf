variable "cidrs" {
  default = ["0.0.0.0/0"]
}

module "app" {
  source  = "terraform-aws-modules/security-group/aws"
  version = "5.1.0"

  name = "app"

  ingress_cidr_blocks = var.cidrs
  ingress_rules       = ["ssh-tcp"]
}
