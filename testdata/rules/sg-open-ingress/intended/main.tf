resource "aws_security_group" "honeypot" {
  ingress {
    description = "honeypot, intentionally public"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
