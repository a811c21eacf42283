module "kms" {
  source  = "terraform-aws-modules/kms/aws"
  version = "2.1.0"
}

resource "aws_sns_topic" "alerts" {
  name              = "alerts"
  kms_master_key_id = module.kms.key_arn
}
