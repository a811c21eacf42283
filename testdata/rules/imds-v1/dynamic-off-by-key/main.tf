resource "aws_instance" "web" {
  for_each      = toset(["dev", "prod"])
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"

  dynamic "metadata_options" {
    for_each = each.key == "prod" ? ["required"] : []

    content {
      http_endpoint = "enabled"
      http_tokens   = metadata_options.value
    }
  }
}
