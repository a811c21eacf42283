locals {
  all  = ["0.0.0.0/0"]
  mine = concat(["10.0.0.0/8"], local.all)
}

resource "aws_security_group" "app" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = local.mine
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = local.all
  }
}
