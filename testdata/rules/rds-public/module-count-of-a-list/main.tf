locals {
  public = [false, true]
}

module "db" {
  source = "./modules/db"
  count  = 2
  name   = "orders-${count.index}"
  public = local.public[count.index]
}
