resource "aws_vpc" "main" {
  cidr_block = "10.30.0.0/16"
}

resource "aws_subnet" "private" {
  count = 2

  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 8, count.index)
  availability_zone = element(["eu-west-1a", "eu-west-1b"], count.index)
}

resource "aws_security_group" "load_test" {
  count = var.with_load_test ? 1 : 0

  name   = "${local.prefix}-load-test"
  vpc_id = aws_vpc.main.id

  ingress {
    description      = "rdp to the generators"
    from_port        = 3389
    to_port          = 3389
    protocol         = "tcp"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }

  tags = {
    git_org              = "acme"
    git_repo             = "infrastructure"
    git_file             = "live/staging/network.tf"
    git_last_modified_by = "nina@acme.example"
    yor_trace            = "c2a7a2a4-52f4-4be4-9d6f-6a0c5b6f7a10"
  }
}
