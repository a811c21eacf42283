locals {
  ingress = {
    https = { port = 443, cidr = "0.0.0.0/0" }
    ssh   = { port = 22, cidr = "0.0.0.0/0" }
  }
}

resource "aws_security_group" "app" {
  name = "app"
}

module "ingress" {
  source   = "./modules/rule"
  for_each = local.ingress

  group = aws_security_group.app.id
  port  = each.value.port
  cidr  = each.value.cidr
}
