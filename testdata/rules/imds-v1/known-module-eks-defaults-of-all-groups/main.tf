module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "18.26.0"

  cluster_name = "main"

  eks_managed_node_group_defaults = {
    metadata_options = {
      http_tokens = "optional"
    }
  }

  eks_managed_node_groups = {
    a = {}
    b = {}
  }
}
