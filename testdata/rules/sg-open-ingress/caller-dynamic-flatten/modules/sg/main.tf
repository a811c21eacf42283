variable "name" {
  type = string
}

variable "rules" {
  type = list(object({
    ports = list(number)
    cidrs = list(string)
  }))
}

locals {
  pairs = flatten([
    for rule in var.rules : [
      for port in rule.ports : { port = port, cidrs = rule.cidrs }
    ]
  ])
}

resource "aws_security_group" "this" {
  name = var.name

  dynamic "ingress" {
    for_each = local.pairs

    content {
      from_port   = ingress.value.port
      to_port     = ingress.value.port
      protocol    = "tcp"
      cidr_blocks = ingress.value.cidrs
    }
  }
}
