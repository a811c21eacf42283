module "alb" {
  source  = "cloudposse/alb/aws"
  version = "1.9.0"

  namespace = "eg"
  name      = "web"
}
