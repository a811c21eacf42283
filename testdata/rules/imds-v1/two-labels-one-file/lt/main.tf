variable "metadata" {
  type = object({
    http_endpoint = optional(string, "enabled")
    http_tokens   = optional(string, "optional")
  })
  default = {}
}

resource "aws_launch_template" "this" {
  name = "web"

  metadata_options {
    http_endpoint = var.metadata.http_endpoint
    http_tokens   = var.metadata.http_tokens
  }
}
