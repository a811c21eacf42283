module "alb" {
  source  = "cloudposse/alb/aws"
  version = "~> 1.11"

  namespace = "eg"
  name      = "web"
}
