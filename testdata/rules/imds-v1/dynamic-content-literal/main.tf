variable "metadata" {
  type    = bool
  default = true
}

resource "aws_instance" "web" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"

  dynamic "metadata_options" {
    for_each = var.metadata ? [1] : []

    content {
      http_endpoint = "enabled"
      http_tokens   = "optional"
    }
  }
}
