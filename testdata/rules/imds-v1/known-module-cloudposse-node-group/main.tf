module "nodes" {
  source  = "cloudposse/eks-node-group/aws"
  version = "2.12.0"

  name                          = "nodes"
  metadata_http_tokens_required = false
}
