locals {
  groups = {
    web = {
      rules = [
        { port = 443, cidrs = ["0.0.0.0/0"] },
        { port = 22, cidrs = ["0.0.0.0/0"] },
      ]
    }
    db = {
      rules = [
        { port = 5432, cidrs = ["10.0.0.0/8"] },
      ]
    }
  }
}

resource "aws_security_group" "app" {
  for_each = local.groups
  name     = each.key

  dynamic "ingress" {
    for_each = each.value.rules

    content {
      from_port   = ingress.value.port
      to_port     = ingress.value.port
      protocol    = "tcp"
      cidr_blocks = ingress.value.cidrs
    }
  }
}
