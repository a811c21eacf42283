locals {
  anywhere = ["0.0.0.0/0"]
  rules = {
    https = { port = 443, cidrs = local.anywhere }
    ssh   = { port = 22, cidrs = local.anywhere }
  }
}

resource "aws_security_group" "app" {
  dynamic "ingress" {
    for_each = local.rules

    content {
      from_port   = ingress.value.port
      to_port     = ingress.value.port
      protocol    = "tcp"
      cidr_blocks = ingress.value.cidrs
    }
  }
}
