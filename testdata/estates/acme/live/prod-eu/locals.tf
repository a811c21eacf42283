locals {
  prefix = "${var.company}-${var.environment}"

  # What the payment services queue. The name is part of the contract with the shop.
  queues = toset(["orders", "refunds", "invoices"])

  # pitr: point-in-time recovery. Sessions can be lost, the others cannot.
  tables = {
    sessions = { hash_key = "session_id", pitr = true }
    ledger   = { hash_key = "entry_id", pitr = false }
    carts    = { hash_key = "cart_id", pitr = true }
  }

  repo_tags = {
    git_org  = "acme"
    git_repo = "infrastructure"
  }
}
