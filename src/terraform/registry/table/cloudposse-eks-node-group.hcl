#! module cloudposse/eks-node-group/aws
#! known 2.0.0 3.4.0

#! lines cloudposse-label.part.hcl

variable "launch_template_id" {
  default = []
}

variable "metadata_http_endpoint_enabled" {
  default = true
}

variable "metadata_http_tokens_required" {
  default = true
}

resource "aws_launch_template" "default" {
  count = var.enabled != false && length(var.launch_template_id) == 0 ? 1 : 0

  name_prefix = "${var.label_id}-"
  tags        = var.tags

  metadata_options {
    http_endpoint = var.metadata_http_endpoint_enabled ? "enabled" : "disabled"
    http_tokens   = var.metadata_http_tokens_required ? "required" : "optional"
  }
}
