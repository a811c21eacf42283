locals {
  hosts = yamldecode(file("${path.module}/hosts.yaml"))
}

resource "aws_instance" "web" {
  for_each      = local.hosts
  ami           = "ami-0123456789abcdef0"
  instance_type = each.value.type

  dynamic "metadata_options" {
    for_each = try(each.value.imdsv2, false) ? [1] : []

    content {
      http_endpoint = "enabled"
      http_tokens   = "required"
    }
  }
}
