module "sg" {
  source = "./modules/sg"
  name   = "app"

  rules = {
    ssh = { cidr = "0.0.0.0/0", port = 22 }
  }
}

module "other" {
  source = "./modules/sg"
  name   = "other"

  rules = {
    ssh = { cidr = "0.0.0.0/0", port = 22 }
  }
}
