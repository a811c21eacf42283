module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "14.0.0"

  cluster_name = "main"

  worker_groups_launch_template = [
    {
      name                        = "default"
      metadata_http_tokens        = "optional"
      metadata_http_put_response_hop_limit = 2
    },
  ]
}
