module "sg" {
  source = "./modules/sg"
  name   = "app"

  rules = {
    ssh = { cidr = "0.0.0.0/0", port = 22 }
  }
}
