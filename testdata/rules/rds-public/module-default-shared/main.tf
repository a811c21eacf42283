module "orders" {
  source = "./modules/db"
  name   = "orders"
}

module "billing" {
  source = "./modules/db"
  name   = "billing"
}
