module "orders" {
  source = "./modules/db"
  name   = "orders"
  public = true
}

module "billing" {
  source = "./modules/db"
  name   = "billing"
  public = false
}
