locals {
  common = {
    https = { port = 443, cidr_blocks = ["0.0.0.0/0"] }
  }
}

module "a" {
  source = "./modules/sg"
  name   = "a"
  rules = merge(local.common, {
    ssh = { port = 22, cidr_blocks = ["0.0.0.0/0"] }
  })
}

module "b" {
  source = "./modules/sg"
  name   = "b"
  rules  = local.common
}
