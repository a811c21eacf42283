module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 19.15"

  cluster_name            = "main"
  enable_kms_key_rotation = false
}
