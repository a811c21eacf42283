resource "aws_instance" "imds_absent" {
  ami           = "ami-12c6146b"
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.main[0].id
}

resource "aws_launch_template" "imds_optional" {
  name          = "prove-imds-optional"
  image_id      = "ami-12c6146b"
  instance_type = "t3.micro"

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "optional"
  }
}
