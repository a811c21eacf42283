module "search" {
  source  = "cloudposse/elasticsearch/aws"
  version = "~> 1.0"

  namespace           = "eg"
  name                = "search"
  allowed_cidr_blocks = ["0.0.0.0/0"]
}
