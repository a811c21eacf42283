variable "metadata_options" {
  type    = list(map(string))
  default = []
}

resource "aws_instance" "web" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"

  dynamic "metadata_options" {
    for_each = length(var.metadata_options) > 0 ? var.metadata_options : []

    content {
      http_tokens = lookup(metadata_options.value, "http_tokens", "optional")
    }
  }
}
