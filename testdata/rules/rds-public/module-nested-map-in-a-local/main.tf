locals {
  regions = {
    eu = { databases = { orders = { public = true } } }
    us = { databases = { orders = { public = false } } }
  }
}

module "db" {
  source   = "./modules/db"
  for_each = local.regions
  name     = "orders-${each.key}"
  public   = each.value.databases["orders"].public
}
