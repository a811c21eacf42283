resource "aws_security_group" "app" {
  ingress {
    from_port        = 22
    to_port          = 22
    protocol         = "udp"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}
