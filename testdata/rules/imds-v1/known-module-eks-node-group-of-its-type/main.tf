module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "21.3.1"

  name = "main"

  self_managed_node_groups = {
    gpu = {
      instance_type = "g5.xlarge"
      metadata_options = {
        http_tokens                 = "optional"
        http_put_response_hop_limit = 2
      }
    }
  }
}
