locals {
  ports = [22, 443]
  rules = [for p in local.ports : { port = p, cidrs = ["0.0.0.0/0"] }]
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
