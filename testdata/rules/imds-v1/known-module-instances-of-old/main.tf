module "web" {
  source  = "terraform-aws-modules/ec2-instance/aws"
  version = "~> 2.16"

  name           = "web"
  instance_count = 2
}
