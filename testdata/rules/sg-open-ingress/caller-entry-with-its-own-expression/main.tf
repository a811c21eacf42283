locals {
  anywhere = "0.0.0.0/0"
  office   = "203.0.113.0/24"
}

module "sg" {
  source = "./modules/sg"
  name   = "app"

  rules = {
    https = { cidr = local.anywhere, port = 443 }
    ssh   = { cidr = local.anywhere, port = 22 }
    vpn   = { cidr = local.office, port = 1194 }
  }
}
