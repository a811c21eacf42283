module "db" {
  source  = "cloudposse/rds-cluster/aws"
  version = "~> 1.9"

  name                = "db"
  cluster_size        = 2
  publicly_accessible = true
}
