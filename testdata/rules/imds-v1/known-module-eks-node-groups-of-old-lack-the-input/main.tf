module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "17.10.0"

  cluster_name = "main"

  node_groups = {
    main = {
      create_launch_template = true
    }
  }
}
