variable "hosts" {
  type = map(object({
    metadata = list(object({
      tokens = optional(string, "optional")
      hops   = optional(number, 1)
    }))
  }))
  default = {
    a = { metadata = [{ tokens = "required" }] }
    b = { metadata = [{ hops = 2 }] }
  }
}

resource "aws_instance" "web" {
  for_each      = var.hosts
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"

  dynamic "metadata_options" {
    for_each = each.value.metadata
    iterator = options

    content {
      http_endpoint               = "enabled"
      http_tokens                 = options.value["tokens"]
      http_put_response_hop_limit = options.value["hops"]
    }
  }
}
