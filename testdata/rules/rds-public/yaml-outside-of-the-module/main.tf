module "db" {
  source = "./modules/db"
}

module "again" {
  source = "./modules/db"
}
