locals {
  keys = {
    orders  = { rotate = false }
    billing = { rotate = true }
  }
}

module "keys" {
  source   = "./keys"
  for_each = local.keys
  name     = each.key
  rotate   = each.value.rotate
}
