module "kafka" {
  source  = "cloudposse/msk-apache-kafka-cluster/aws"
  version = "1.4.0"

  namespace           = "eg"
  name                = "kafka"
  allowed_cidr_blocks = ["10.0.0.0/8"]

  additional_security_group_rules = [
    {
      key         = "admin"
      type        = "ingress"
      from_port   = 0
      to_port     = 65535
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    },
  ]
}
