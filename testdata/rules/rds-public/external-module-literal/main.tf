module "db" {
  source  = "acme/rds/aws"
  version = "1.2.0"
}
