module "image" {
  source  = "terraform-aws-modules/lambda/aws//modules/docker-build"
  version = "2.7.0"

  create_ecr_repo = true
  ecr_repo        = "resize"
}
