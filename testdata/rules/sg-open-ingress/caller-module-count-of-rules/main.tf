locals {
  ingress = [
    { port = 22, cidr = "0.0.0.0/0" },
    { port = 443, cidr = "0.0.0.0/0" },
  ]
}

resource "aws_security_group" "app" {
  name = "app"
}

module "ingress" {
  source = "./modules/rule"
  count  = length(local.ingress)

  group = aws_security_group.app.id
  port  = local.ingress[count.index].port
  cidr  = local.ingress[count.index].cidr
}
