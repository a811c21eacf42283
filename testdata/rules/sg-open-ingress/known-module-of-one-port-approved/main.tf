module "ssh" {
  source  = "terraform-aws-modules/security-group/aws//modules/ssh"
  version = "~> 5.0"

  name                = "bastion"
  ingress_cidr_blocks = ["0.0.0.0/0"]
}
