variable "name" {
  type = string
}

variable "ports" {
  type = list(number)
}

resource "aws_security_group" "this" {
  name = var.name

  dynamic "ingress" {
    for_each = toset(var.ports)

    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
