module "sg" {
  source = "./modules/sg"
  name   = "app"
  rules = [
    { port = 443, cidr_blocks = ["0.0.0.0/0"] },
    { port = 22, cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"] },
    { port = 8443, cidr_blocks = ["10.0.0.0/8"] },
  ]
}
