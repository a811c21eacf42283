variable "queues" {
  type = any
}

resource "aws_sqs_queue" "this" {
  for_each = var.queues

  name                    = each.key
  sqs_managed_sse_enabled = try(each.value.encrypted, false)
}
