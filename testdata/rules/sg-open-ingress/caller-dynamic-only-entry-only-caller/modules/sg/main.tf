variable "name" {
  type = string
}

variable "rules" {
  type = map(object({
    port        = number
    cidr_blocks = optional(list(string), [])
    ipv6        = optional(list(string), [])
  }))
  default = {}
}

resource "aws_security_group" "this" {
  name = var.name

  dynamic "ingress" {
    for_each = var.rules

    content {
      from_port   = ingress.value.port
      to_port     = ingress.value.port
      protocol    = "tcp"
      cidr_blocks = ingress.value.cidr_blocks
    }
  }
}
