module "sg" {
  source  = "cloudposse/security-group/aws"
  version = "1.0.1"

  namespace = "eg"
  name      = "web"
  vpc_id    = var.vpc_id

  rules = [
    {
      type        = "ingress"
      from_port   = 443
      to_port     = 443
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    },
    {
      key         = "ssh"
      type        = "ingress"
      from_port   = 22
      to_port     = 22
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    },
  ]
}

variable "vpc_id" {
  type = string
}
