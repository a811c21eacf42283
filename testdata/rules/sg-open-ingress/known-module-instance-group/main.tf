module "bastion" {
  source  = "terraform-aws-modules/ec2-instance/aws"
  version = "~> 6.0"

  name          = "bastion"
  instance_type = "t3.micro"

  security_group_ingress_rules = {
    ssh = {
      from_port = 22
      to_port   = 22
      cidr_ipv4 = "0.0.0.0/0"
    }
    https = {
      from_port = 443
      cidr_ipv4 = "0.0.0.0/0"
    }
  }
}
