module "bastion" {
  source  = "cloudposse/ec2-bastion-server/aws"
  version = "0.30.1"

  name                          = "bastion"
  metadata_http_tokens_required = false
}
