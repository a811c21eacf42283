module "sg" {
  source = "./modules/sg"
  name   = "app"

  rules = {
    https = { cidr = "10.0.0.0/8", port = 443 }
    ssh = {
      description = "SSH from anywhere"
      cidr        = "0.0.0.0/0"
      port        = 22
    }
  }
}

module "other" {
  source = "./modules/sg"
  name   = "other"

  rules = {
    ssh = { cidr = "10.0.0.0/8", port = 22 }
  }
}
