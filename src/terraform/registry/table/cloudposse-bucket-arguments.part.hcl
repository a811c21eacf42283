  versioning_enabled      = var.versioning_enabled
  sse_algorithm           = var.sse_algorithm
  allow_ssl_requests_only = var.allow_ssl_requests_only
  block_public_acls       = var.block_public_acls
  block_public_policy     = var.block_public_policy
  ignore_public_acls      = var.ignore_public_acls
  restrict_public_buckets = var.restrict_public_buckets
  tags                    = var.tags
