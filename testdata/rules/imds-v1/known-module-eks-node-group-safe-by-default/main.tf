module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 19.0"

  cluster_name = "main"

  eks_managed_node_groups = {
    default = {
      instance_types = ["m6i.large"]
    }
  }
}
