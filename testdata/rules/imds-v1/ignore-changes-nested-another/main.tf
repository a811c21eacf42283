resource "aws_instance" "web" {
  ami           = "ami-12345678"
  instance_type = "t3.small"

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "optional"
  }

  lifecycle {
    ignore_changes = [metadata_options[0].http_put_response_hop_limit]
  }
}
