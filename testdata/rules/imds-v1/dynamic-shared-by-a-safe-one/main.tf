locals {
  hosts = {
    dev  = {}
    prod = { imdsv2 = true }
  }
}

resource "aws_instance" "web" {
  for_each      = local.hosts
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"

  dynamic "metadata_options" {
    for_each = try(each.value.imdsv2, false) ? [1] : []

    content {
      http_endpoint = "enabled"
      http_tokens   = "required"
    }
  }
}
