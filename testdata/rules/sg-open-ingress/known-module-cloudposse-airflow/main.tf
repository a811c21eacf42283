module "airflow" {
  source  = "cloudposse/mwaa/aws"
  version = "0.13.0"

  namespace           = "eg"
  name                = "airflow"
  allowed_cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
}
