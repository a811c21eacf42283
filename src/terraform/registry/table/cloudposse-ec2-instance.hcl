#! module cloudposse/ec2-instance/aws
#! known 0.28.0 2.0.0

#! lines cloudposse-label.part.hcl

variable "metadata_http_endpoint_enabled" {
  default = true
}

variable "metadata_http_tokens_required" {
  default = true
}

resource "aws_instance" "default" {
  count = var.enabled != false ? 1 : 0

  tags = merge({ Name = var.label_id }, var.tags)

  metadata_options {
    http_endpoint = var.metadata_http_endpoint_enabled ? "enabled" : "disabled"
    http_tokens   = var.metadata_http_tokens_required ? "required" : "optional"
  }
}
