module "alb" {
  source  = "cloudposse/alb/aws"
  version = "1.11.0"

  namespace = "eg"
  name      = "admin"
  http_port = 8080

  http_ingress_cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
}
