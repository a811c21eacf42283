module "a" {
  source = "./db"
}

module "b" {
  source = "./db"
}
