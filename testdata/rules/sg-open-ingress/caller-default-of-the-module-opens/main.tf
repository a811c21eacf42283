module "a" {
  source = "./modules/sg"
  name   = "a"
}

module "b" {
  source = "./modules/sg"
  name   = "b"
  rules = {
    https = { port = 443, cidr_blocks = ["0.0.0.0/0"] }
  }
}
