module "sg" {
  source = "./modules/sg"
  name   = "app"
  rules = {
    ssh_in  = { type = "ingress", port = 22, cidr = "0.0.0.0/0" }
    any_out = { type = "egress", port = 443, cidr = "0.0.0.0/0" }
  }
}
