variable "rules" {
  type = list(object({
    description = string
    port        = number
    cidr_blocks = list(string)
  }))
}

resource "aws_security_group" "app" {
  dynamic "ingress" {
    for_each = var.rules

    content {
      description = ingress.value.description
      from_port   = ingress.value.port
      to_port     = ingress.value.port
      protocol    = "tcp"
      cidr_blocks = ingress.value.cidr_blocks
    }
  }
}
