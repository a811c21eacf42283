module "sg" {
  source = "./modules/sg"
  name   = "app"
  rules  = local.rules
}

locals {
  rules = {
    ssh = {
      port        = 22
      cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
      ipv6        = ["::/0"]
    }
    https = {
      port        = 443
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
