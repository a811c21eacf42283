locals {
  defaults = { sse = false, delay = 0 }
  queues = {
    jobs = merge(local.defaults, { delay = 5 })
    mail = merge(local.defaults, { sse = true })
  }
}

resource "aws_sqs_queue" "this" {
  for_each = local.queues

  name                    = each.key
  delay_seconds           = each.value.delay
  sqs_managed_sse_enabled = each.value.sse
}
