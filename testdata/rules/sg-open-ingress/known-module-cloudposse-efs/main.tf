module "files" {
  source  = "cloudposse/efs/aws"
  version = "1.5.0"

  namespace                  = "eg"
  name                       = "files"
  allowed_cidr_blocks        = ["10.0.0.0/8"]
  preserve_security_group_id = true

  additional_security_group_rules = [
    {
      type        = "ingress"
      from_port   = 22
      to_port     = 22
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    },
  ]
}
