module "db" {
  source  = "git::https://github.com/cloudposse/terraform-aws-rds-cluster.git?ref=tags/1.9.0"

  name         = "db"
  cluster_size = 2
}
