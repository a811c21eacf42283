locals {
  rules = {
    https = { port = 443, cidrs = ["0.0.0.0/0"] }
    ssh   = { port = 22, cidrs = ["10.0.0.0/8", "0.0.0.0/0"] }
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
