variable "ports" {
  type    = list(number)
  default = [22, 443]
}

variable "cidrs" {
  type    = list(string)
  default = ["0.0.0.0/0"]
}

resource "aws_security_group" "app" {
  dynamic "ingress" {
    for_each = toset(var.ports)
    iterator = port

    content {
      from_port   = port.value
      to_port     = port.value
      protocol    = "tcp"
      cidr_blocks = var.cidrs
    }
  }
}
