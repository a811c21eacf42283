variable "metadata" {
  type    = object({ tokens = string })
  default = null
}

resource "aws_instance" "web" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"

  dynamic "metadata_options" {
    for_each = var.metadata == null ? [] : [var.metadata]

    content {
      http_endpoint = "enabled"
      http_tokens   = metadata_options.value.tokens
    }
  }
}
