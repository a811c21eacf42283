module "web" {
  source  = "terraform-aws-modules/ec2-instance/aws"
  version = "2.12.0"

  name = "web"
}
