variable "name" {
  type = string
}

variable "allow_ssh" {
  type    = bool
  default = false
}

resource "aws_security_group" "this" {
  name = var.name

  dynamic "ingress" {
    for_each = var.allow_ssh ? [22] : []

    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }

  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
