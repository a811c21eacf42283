module "defaults" {
  source = "./modules/defaults"
}

module "db" {
  source = "./modules/db"
  name   = "orders"
  public = module.defaults.public
}
