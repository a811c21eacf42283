module "ecs" {
  source  = "terraform-aws-modules/ecs/aws"
  version = "~> 5.11"

  cluster_name = "main"

  services = {
    api = {
      cpu = 1024
      security_group_rules = {
        http = {
          type        = "ingress"
          from_port   = 8000
          to_port     = 8000
          protocol    = "tcp"
          cidr_blocks = ["10.0.0.0/16"]
        }
        debug = {
          type        = "ingress"
          from_port   = 0
          to_port     = 65535
          protocol    = "tcp"
          cidr_blocks = ["0.0.0.0/0"]
        }
      }
    }
  }
}
