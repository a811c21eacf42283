module "orders" {
  source = "./modules/db"
}
