terraform {
  required_providers {
    aws = ">= 2.7, < 2.50"
  }
}

resource "aws_instance" "web" {
  ami           = "ami-12345678"
  instance_type = "t3.micro"
}
