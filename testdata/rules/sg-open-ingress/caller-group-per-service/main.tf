module "sg" {
  source = "./modules/sg"

  services = {
    https = { port = 443 }
    ssh   = { port = 22 }
  }
}
