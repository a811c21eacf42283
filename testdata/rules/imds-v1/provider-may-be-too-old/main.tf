provider "aws" {
  region  = "eu-west-1"
  version = "~> 2.20"
}

resource "aws_instance" "web" {
  ami           = "ami-12345678"
  instance_type = "t3.micro"
}
