module "sg" {
  source = "./modules/sg"
  name   = "app"
  rules = [
    { port = 22, cidr_blocks = ["0.0.0.0/0"] },
    { port = 443, cidr_blocks = ["0.0.0.0/0"] },
  ]
}
