module "bastion" {
  source  = "cloudposse/ec2-bastion-server/aws"
  version = "0.26.0"

  namespace = "eg"
  name      = "bastion"
}
