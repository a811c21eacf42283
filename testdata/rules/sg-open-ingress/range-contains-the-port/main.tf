resource "aws_security_group" "app" {
  ingress {
    from_port   = 0
    to_port     = 65535
    protocol    = "6"
    cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
  }
}
