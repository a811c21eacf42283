module "sg" {
  source = "./modules/sg"
  name   = "app"

  rules = {
    https = { cidr = "10.0.0.0/8", port = 443 }
    ssh   = { cidr = "0.0.0.0/0", port = 22 }
  }
}
