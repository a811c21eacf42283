resource "aws_instance" "web" {
  ami           = "ami-12345678"
  instance_type = "t3.small"

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }
}
