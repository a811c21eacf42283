variable "cidrs" {
  type    = list(string)
  default = ["0.0.0.0/0"]
}

variable "ssh" {
  default = true
}

resource "aws_security_group" "this" {
  name_prefix = "x"

  dynamic "ingress" {
    for_each = var.ssh ? [1] : []

    content {
      from_port   = 22
      to_port     = 22
      protocol    = "tcp"
      cidr_blocks = var.cidrs
    }
  }

  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
