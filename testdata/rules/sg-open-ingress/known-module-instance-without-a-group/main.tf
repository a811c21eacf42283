module "bastion" {
  source  = "terraform-aws-modules/ec2-instance/aws"
  version = "5.8.0"

  name = "bastion"
}
