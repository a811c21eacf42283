module "cache" {
  source  = "cloudposse/elasticache-redis/aws"
  version = "1.4.0"

  namespace           = "eg"
  name                = "cache"
  port                = 3306
  allowed_cidr_blocks = ["0.0.0.0/0"]
}
