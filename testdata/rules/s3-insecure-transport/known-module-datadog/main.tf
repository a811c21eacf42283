module "forwarder" {
  source  = "terraform-aws-modules/datadog-forwarders/aws//modules/log_forwarder"
  version = "~> 7.0"

  bucket_name = "eg-forwarder"
}
