module "asg" {
  source  = "terraform-aws-modules/autoscaling/aws"
  version = "6.5.2"

  name     = "web"
  min_size = 1

  metadata_options = {
    http_endpoint = "enabled"
  }
}
