module "sg" {
  source = "./modules/sg"
  name   = "app"

  # name = [from, to, protocol, cidr]
  rules = {
    https = [443, 443, "tcp", "0.0.0.0/0"]
    ssh   = [22, 22, "tcp", "0.0.0.0/0"] # temporary
  }
}
