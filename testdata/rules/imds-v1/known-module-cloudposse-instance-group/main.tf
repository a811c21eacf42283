module "group" {
  source  = "cloudposse/ec2-instance-group/aws"
  version = "1.0.0"

  namespace                     = "eg"
  name                          = "web"
  instance_count                = 2
  metadata_http_tokens_required = false
}
