module "app" {
  source  = "cloudposse/ec2-instance/aws"
  version = "0.47.1"

  name                          = "app"
  metadata_http_tokens_required = false
}
