module "web" {
  source  = "terraform-aws-modules/ec2-instance/aws"
  version = "~> 5.0"

  name = "web"

  metadata_options = {
    http_tokens = "optional"
  }
}
