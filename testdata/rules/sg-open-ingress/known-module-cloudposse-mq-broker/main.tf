module "broker" {
  source  = "cloudposse/mq-broker/aws"
  version = "2.0.0"

  namespace           = "eg"
  name                = "broker"
  allowed_cidr_blocks = ["0.0.0.0/0"]
}
