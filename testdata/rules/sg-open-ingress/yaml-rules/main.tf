locals {
  rules = yamldecode(file("${path.module}/rules.yaml"))
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
