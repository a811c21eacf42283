resource "aws_security_group" "app" {
  name = "app"

  dynamic "ingress" {
    for_each = [22]

    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
