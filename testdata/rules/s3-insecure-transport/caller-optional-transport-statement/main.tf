locals {
  buckets = {
    logs = {}
    data = { require_tls = true }
  }
}

module "bucket" {
  source   = "./modules/bucket"
  for_each = local.buckets

  name        = each.key
  require_tls = try(each.value.require_tls, false)
}
