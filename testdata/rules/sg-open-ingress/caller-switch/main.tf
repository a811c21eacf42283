module "a" {
  source    = "./modules/sg"
  name      = "a"
  allow_ssh = true
}

module "b" {
  source = "./modules/sg"
  name   = "b"
}
