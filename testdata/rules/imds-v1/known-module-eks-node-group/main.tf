module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 20.0"

  cluster_name    = "main"
  cluster_version = "1.31"

  eks_managed_node_groups = {
    default = {
      instance_types = ["m6i.large"]
    }
    spot = {
      instance_types = ["m6i.large"]
      capacity_type  = "SPOT"

      metadata_options = {
        http_endpoint = "enabled"
        http_tokens   = "optional"
      }
    }
  }
}
