module "bastion" {
  source  = "cloudposse/ec2-bastion-server/aws"
  version = "0.31.0"

  namespace = "eg"
  name      = "bastion"
}
