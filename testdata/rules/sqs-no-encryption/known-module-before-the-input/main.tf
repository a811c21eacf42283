module "queue" {
  source  = "terraform-aws-modules/sqs/aws"
  version = "3.3.0"

  name = "jobs"
}
