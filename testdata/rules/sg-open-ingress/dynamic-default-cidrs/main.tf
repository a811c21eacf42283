locals {
  rules = {
    https = { port = 443 }
    ssh   = { port = 22 }
  }
}

resource "aws_security_group" "app" {
  dynamic "ingress" {
    for_each = local.rules

    content {
      from_port   = ingress.value.port
      to_port     = ingress.value.port
      protocol    = "tcp"
      cidr_blocks = lookup(ingress.value, "cidrs", ["0.0.0.0/0"])
    }
  }
}
