resource "aws_security_group" "bastion" {
  name = "bastion"

  ingress {
    from_port = 22
    to_port   = 22
    protocol  = "tcp"
    cidr_blocks = [
      "203.0.113.0/24", # office
      "0.0.0.0/0",      # TODO remove
    ]
    ipv6_cidr_blocks = ["::/0"]
  }
}
