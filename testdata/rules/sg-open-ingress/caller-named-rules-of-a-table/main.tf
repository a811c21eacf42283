module "sg" {
  source = "./modules/sg"
  name   = "app"
  allow  = ["https", "ssh", "vpn"]
}
