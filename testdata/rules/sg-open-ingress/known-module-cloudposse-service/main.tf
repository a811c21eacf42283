module "service" {
  source  = "cloudposse/ecs-alb-service-task/aws"
  version = "0.78.0"

  namespace           = "eg"
  name                = "service"
  use_nlb_cidr_blocks = true
  nlb_container_port  = 8080
  nlb_cidr_blocks     = ["10.0.0.0/16", "0.0.0.0/0"]
}
