module "asg" {
  source  = "terraform-aws-modules/autoscaling/aws"
  version = "~> 4.0"

  name      = "web"
  use_lt    = true
  create_lt = true
}
