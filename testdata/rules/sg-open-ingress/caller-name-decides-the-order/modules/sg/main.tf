variable "name" {
  type = string
}

variable "rules" {
  type = list(object({
    name        = string
    description = optional(string)
    cidr        = string
    port        = number
  }))
  default = []
}

resource "aws_security_group" "this" {
  name        = var.name
  description = "for ${join(", ", [for r in var.rules : r.name])}"
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = { for r in var.rules : r.name => r }

  security_group_id = aws_security_group.this.id
  description       = each.value.description
  cidr_ipv4         = each.value.cidr
  from_port         = each.value.port
  to_port           = each.value.port
  ip_protocol       = "tcp"
}

output "names" {
  value = [for r in var.rules : r.name]
}
