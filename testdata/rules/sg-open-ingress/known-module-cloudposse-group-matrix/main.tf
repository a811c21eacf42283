module "sg" {
  source  = "cloudposse/security-group/aws"
  version = "2.2.0"

  namespace                  = "eg"
  name                       = "bastion"
  vpc_id                     = var.vpc_id
  preserve_security_group_id = true

  rule_matrix = [
    {
      key         = "office"
      cidr_blocks = ["198.51.100.0/24"]
      rules = [
        {
          key       = "ssh"
          type      = "ingress"
          from_port = 22
          to_port   = 22
          protocol  = "tcp"
        },
      ]
    },
    {
      key              = "world"
      cidr_blocks      = ["0.0.0.0/0"]
      ipv6_cidr_blocks = ["::/0"]
      rules = [
        {
          key       = "ssh"
          type      = "ingress"
          from_port = 22
          to_port   = 22
          protocol  = "tcp"
        },
      ]
    },
  ]
}

variable "vpc_id" {
  type = string
}
