module "dwh" {
  source  = "terraform-aws-modules/redshift/aws"
  version = "~> 6.0"

  cluster_identifier = "dwh"
}
