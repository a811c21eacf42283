#! module cloudposse/ec2-autoscale-group/aws
#! known 0.23.0 0.43.1

#! lines cloudposse-label.part.hcl

variable "metadata_http_endpoint_enabled" {
  default = true
}

variable "metadata_http_tokens_required" {
  default = true
}

resource "aws_launch_template" "default" {
  count = var.enabled != false ? 1 : 0

  name_prefix = "${var.label_id}-"
  tags        = var.tags

  metadata_options {
    http_endpoint = var.metadata_http_endpoint_enabled ? "enabled" : "disabled"
    http_tokens   = var.metadata_http_tokens_required ? "required" : "optional"
  }
}
