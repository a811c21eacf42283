module "workers" {
  source  = "cloudposse/eks-workers/aws"
  version = "~> 1.0"

  namespace                     = "eg"
  name                          = "workers"
  metadata_http_tokens_required = false
}
