locals {
  databases = {
    dev = {
      class = "db.t4g.small"
    }
    prod = {
      class  = "db.m7g.large"
      public = false
    }
  }
}

module "db" {
  source   = "./db"
  for_each = local.databases
  class    = each.value.class
  public   = lookup(each.value, "public", true)
}
