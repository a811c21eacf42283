module "docs" {
  source  = "cloudposse/documentdb-cluster/aws"
  version = "0.27.0"

  namespace           = "eg"
  name                = "docs"
  db_port             = 5432
  allowed_cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
}
