module "grafana" {
  source  = "terraform-aws-modules/managed-service-grafana/aws"
  version = "2.1.0"

  name = "boards"

  vpc_configuration = {
    subnet_ids = ["subnet-0a1b2c3d", "subnet-4e5f6a7b"]
  }

  security_group_rules = {
    out = {
      protocol    = "-1"
      from_port   = 0
      to_port     = 0
      cidr_blocks = ["0.0.0.0/0"]
    }
    postgresql = {
      type        = "ingress"
      protocol    = "tcp"
      from_port   = 5432
      to_port     = 5432
      cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
    }
  }
}
