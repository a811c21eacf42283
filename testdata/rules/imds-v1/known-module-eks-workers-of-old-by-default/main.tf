module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 17.0"

  cluster_name = "main"

  workers_group_defaults = {
    root_volume_type = "gp3"
  }

  worker_groups_launch_template = [
    {
      name = "default"
    },
  ]
}
