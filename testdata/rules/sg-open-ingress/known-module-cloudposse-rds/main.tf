module "db" {
  source  = "cloudposse/rds/aws"
  version = "1.1.0"

  namespace           = "eg"
  name                = "db"
  database_port       = 3306
  allowed_cidr_blocks = ["0.0.0.0/0"]
}
