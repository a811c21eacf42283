module "logs" {
  source = "./modules/bucket"
  name   = "acme-logs"
}

module "data" {
  source = "./modules/bucket"
  name   = "acme-data"
}
