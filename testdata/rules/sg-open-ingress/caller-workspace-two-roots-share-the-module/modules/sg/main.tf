variable "name" {
  type = string
}

variable "rules" {
  type = map(object({
    description = optional(string, "managed by Terraform")
    cidr        = string
    port        = number
  }))
  default = {}
}

resource "aws_security_group" "this" {
  name = var.name
}

resource "aws_vpc_security_group_ingress_rule" "this" {
  for_each = var.rules

  security_group_id = aws_security_group.this.id
  description       = each.value.description
  cidr_ipv4         = each.value.cidr
  from_port         = each.value.port
  to_port           = each.value.port
  ip_protocol       = "tcp"
}
