resource "aws_sqs_queue" "imports" {
  name                    = "acme-staging-imports"
  sqs_managed_sse_enabled = false
}
