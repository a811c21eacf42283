locals {
  metadata = [{ endpoint = "enabled" }]
}

resource "aws_instance" "web" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"

  dynamic "metadata_options" {
    for_each = local.metadata

    content {
      http_endpoint = metadata_options.value.endpoint
      http_tokens   = lookup(metadata_options.value, "tokens", null)
    }
  }
}
