locals {
  hosts = {
    a = { type = "t3.micro" }
    b = { type = "t3.micro", imdsv2 = true }
  }
}

resource "aws_instance" "web" {
  for_each      = local.hosts
  ami           = "ami-0123456789abcdef0"
  instance_type = each.value.type

  metadata_options {
    http_tokens = lookup(each.value, "imdsv2", false) ? "required" : "optional"
  }
}
