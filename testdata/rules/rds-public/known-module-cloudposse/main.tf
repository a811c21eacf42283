module "db" {
  source  = "cloudposse/rds/aws"
  version = "0.43.0"

  namespace           = "eg"
  name                = "db"
  database_port       = 5432
  publicly_accessible = true
}
