variable "metadata" {
  type    = bool
  default = false
}

resource "aws_instance" "web" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"

  dynamic "metadata_options" {
    for_each = var.metadata ? [true] : []

    content {
      http_endpoint = "enabled"
    }
  }
}
