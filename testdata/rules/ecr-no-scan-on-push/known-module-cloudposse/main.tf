module "images" {
  source  = "cloudposse/ecr/aws"
  version = "0.29.1"

  name        = "images"
  image_names = ["web", "worker"]
}
