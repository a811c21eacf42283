variable "ingress" {
  type = map(list(string))
  default = {
    "22"  = ["0.0.0.0/0", "10.0.0.0/8"]
    "443" = ["0.0.0.0/0"]
  }
}

resource "aws_security_group" "app" {
  dynamic "ingress" {
    for_each = var.ingress

    content {
      from_port   = tonumber(ingress.key)
      to_port     = tonumber(ingress.key)
      protocol    = "tcp"
      cidr_blocks = ingress.value
    }
  }
}
