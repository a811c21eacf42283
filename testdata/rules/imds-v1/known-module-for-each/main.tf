module "web" {
  source  = "terraform-aws-modules/ec2-instance/aws"
  version = "4.3.0"

  for_each = toset(["a", "b"])

  name = "web-${each.key}"
}
