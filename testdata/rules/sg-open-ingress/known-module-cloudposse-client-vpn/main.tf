module "vpn" {
  source  = "cloudposse/ec2-client-vpn/aws"
  version = "~> 0.14"

  namespace           = "eg"
  name                = "vpn"
  allowed_cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
}
