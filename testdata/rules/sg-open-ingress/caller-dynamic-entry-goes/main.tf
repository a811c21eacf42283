module "sg" {
  source = "./modules/sg"
  name   = "app"
  rules = {
    https = { port = 443, cidr_blocks = ["0.0.0.0/0"] }
    ssh   = { port = 22, cidr_blocks = ["0.0.0.0/0"] }
  }
}

module "other" {
  source = "./modules/sg"
  name   = "other"
  rules = {
    ssh = { port = 22, cidr_blocks = ["10.0.0.0/8"] }
  }
}
