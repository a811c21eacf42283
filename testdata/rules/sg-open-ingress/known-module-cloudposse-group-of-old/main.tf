module "sg" {
  source  = "cloudposse/security-group/aws"
  version = "0.3.3"

  namespace = "eg"
  name      = "web"
  vpc_id    = var.vpc_id

  rules = [
    {
      type        = "ingress"
      from_port   = 22
      to_port     = 22
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
    },
  ]
}

variable "vpc_id" {
  type = string
}
