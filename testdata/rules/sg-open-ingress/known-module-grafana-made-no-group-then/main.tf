module "grafana" {
  source  = "terraform-aws-modules/managed-service-grafana/aws"
  version = "1.5.0"

  name = "boards"
}
