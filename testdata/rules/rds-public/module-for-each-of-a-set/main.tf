locals {
  public = toset(["orders"])
}

module "db" {
  source   = "./modules/db"
  for_each = toset(["orders", "users"])
  name     = each.key
  public   = contains(local.public, each.key)
}
