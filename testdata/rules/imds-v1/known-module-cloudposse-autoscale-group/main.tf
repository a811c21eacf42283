module "web" {
  source  = "cloudposse/ec2-autoscale-group/aws"
  version = "~> 0.35"

  name                          = "web"
  metadata_http_tokens_required = false
}
