module "queue" {
  source  = "terraform-aws-modules/sqs/aws"
  version = "~> 4.0"

  name                        = "jobs"
  create_dlq                  = true
  dlq_sqs_managed_sse_enabled = false
}
