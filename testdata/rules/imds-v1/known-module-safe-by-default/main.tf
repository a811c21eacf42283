module "web" {
  source  = "terraform-aws-modules/ec2-instance/aws"
  version = "6.0.2"

  name = "web"
}
