module "image" {
  source  = "terraform-aws-modules/lambda/aws//modules/docker-build"
  version = "~> 7.2"

  create_ecr_repo = true
  ecr_repo        = "resize"
  source_path     = "./src"
}
