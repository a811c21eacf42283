module "sg" {
  source = "./modules/sg"
  name   = "app"
  rules = {
    ssh   = { port = 22, cidr_blocks = ["0.0.0.0/0"], ipv6 = ["::/0"] }
    https = { port = 443, cidr_blocks = ["0.0.0.0/0"] }
  }
}
