module "sg" {
  source = "./modules/sg"
  name   = "app"

  rules = [
    { name = "https", cidr = "0.0.0.0/0", port = 443 },
    { name = "ssh", cidr = "0.0.0.0/0", port = 22 },
  ]
}
