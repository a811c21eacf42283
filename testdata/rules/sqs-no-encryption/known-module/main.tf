module "queue" {
  source  = "terraform-aws-modules/sqs/aws"
  version = "3.4.1"

  name = "jobs"
}
