locals {
  buckets = {
    x = { block_public = false }
    y = { block_public = true }
    z = {}
  }
}
module "b" {
  source       = "./b"
  for_each     = local.buckets
  name         = "acme-of-ours-${each.key}"
  block_public = try(each.value.block_public, true)
}
