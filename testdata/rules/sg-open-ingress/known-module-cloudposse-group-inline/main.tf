module "sg" {
  source  = "cloudposse/security-group/aws"
  version = "~> 2.0"

  name                 = "web"
  vpc_id               = var.vpc_id
  inline_rules_enabled = true

  rules_map = {
    web = [
      {
        type        = "ingress"
        from_port   = 443
        to_port     = 443
        protocol    = "tcp"
        cidr_blocks = ["0.0.0.0/0"]
      },
    ]
    admin = [
      {
        type        = "ingress"
        from_port   = 22
        to_port     = 22
        protocol    = "tcp"
        cidr_blocks = ["0.0.0.0/0"]
      },
    ]
  }
}

variable "vpc_id" {
  type = string
}
