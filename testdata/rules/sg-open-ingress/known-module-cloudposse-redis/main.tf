module "cache" {
  source  = "cloudposse/elasticache-redis/aws"
  version = "0.52.0"

  namespace           = "eg"
  name                = "cache"
  port                = 3306
  allowed_cidr_blocks = ["0.0.0.0/0"]
}
