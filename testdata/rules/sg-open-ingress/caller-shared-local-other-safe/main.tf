locals {
  rules = {
    ssh  = { port = 22, cidr_blocks = ["0.0.0.0/0"] }
    icmp = { port = 443, cidr_blocks = ["0.0.0.0/0"] }
  }
}

module "a" {
  source = "./modules/sg"
  name   = "a"
  rules  = local.rules
}

module "b" {
  source = "./modules/sg"
  name   = "b"
  rules  = local.rules
}
