module "sg" {
  source = "./modules/sg"
  name   = "app"

  rules = {
    https = { cidr_ipv4 = "0.0.0.0/0", port = 443 }
    ssh4  = { cidr_ipv4 = "0.0.0.0/0", port = 22 }
    ssh6  = { cidr_ipv6 = "::/0", port = 22 }
  }
}
