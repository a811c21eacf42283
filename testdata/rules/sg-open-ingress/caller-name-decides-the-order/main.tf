module "sg" {
  source = "./modules/sg"
  name   = "app"

  rules = [
    { name = "admin", cidr = "0.0.0.0/0", port = 22 },
    { name = "https", cidr = "0.0.0.0/0", port = 443 },
  ]
}

output "names" {
  value = module.sg.names
}
