module "app" {
  source  = "terraform-aws-modules/ecr/aws"
  version = "~> 1.6"

  repository_name               = "app"
  repository_image_scan_on_push = false
}
