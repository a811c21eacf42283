variable "name" {
  type = string
}

variable "rules" {
  type = list(object({
    name  = string
    ports = list(number)
    cidrs = list(string)
  }))
}

locals {
  pairs = flatten([
    for rule in var.rules : [
      for cidr in rule.cidrs : [
        for port in rule.ports : {
          key  = "${rule.name}-${port}-${cidr}"
          cidr = cidr
          port = port
        }
      ]
    ]
  ])
}

resource "aws_security_group" "this" {
  name = var.name
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = { for pair in local.pairs : pair.key => pair }

  security_group_id = aws_security_group.this.id
  cidr_ipv4         = each.value.cidr
  from_port         = each.value.port
  to_port           = each.value.port
  ip_protocol       = "tcp"
}
