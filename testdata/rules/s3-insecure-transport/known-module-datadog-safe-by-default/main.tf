module "datadog" {
  source  = "terraform-aws-modules/datadog-forwarders/aws"
  version = "7.1.0"

  bucket_name = "eg-forwarder"
}
