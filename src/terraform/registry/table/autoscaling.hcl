#! module terraform-aws-modules/autoscaling/aws
#! known 4.0.0 9.2.1
#! set imds-v1: metadata_options = { http_endpoint = "enabled", http_tokens = "required" }

variable "name" {}

variable "create_lt" {              #@ < 5.1.0
  default = false                   #@ < 5.1.0
variable "create_launch_template" { #@ >= 5.1.0
  default = true                    #@ >= 5.1.0
}

variable "lt_name" {              #@ < 5.1.0
variable "launch_template_name" { #@ >= 5.1.0
  default = ""
}

variable "lt_use_name_prefix" {              #@ < 5.1.0
variable "launch_template_use_name_prefix" { #@ >= 5.1.0
  default = true
}

variable "metadata_options" {
  default = null #@ < 6.0.0
  default = {}   #@ >= 6.0.0, < 9.0.0

#@ >= 9.0.0 {
  type = object({
    http_endpoint               = optional(string, "enabled")
    http_protocol_ipv6          = optional(string)
    http_put_response_hop_limit = optional(number, 1)
    http_tokens                 = optional(string, "required")
    instance_metadata_tags      = optional(string)
  })
  default = {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }
#@ }
}

variable "tags" {
  default = {}
}

locals {
  create      = var.create_lt                                #@ < 5.1.0
  create      = var.create_launch_template                   #@ >= 5.1.0
  with_prefix = var.lt_use_name_prefix                       #@ < 5.1.0
  with_prefix = var.launch_template_use_name_prefix          #@ >= 5.1.0
  lt_name     = coalesce(var.lt_name, var.name)              #@ < 5.1.0
  lt_name     = coalesce(var.launch_template_name, var.name) #@ >= 5.1.0
}

resource "aws_launch_template" "this" {
  count = local.create ? 1 : 0

  name        = local.with_prefix ? null : local.lt_name
  name_prefix = local.with_prefix ? "${local.lt_name}-" : null
  tags        = var.tags

  dynamic "metadata_options" {
    for_each = var.metadata_options != null ? [var.metadata_options] : []     #@ < 6.0.0
    for_each = length(var.metadata_options) > 0 ? [var.metadata_options] : [] #@ >= 6.0.0, < 9.0.0
    for_each = var.metadata_options != null ? [var.metadata_options] : []     #@ >= 9.0.0

    content {
      http_endpoint = lookup(metadata_options.value, "http_endpoint", null) #@ < 9.0.0
      http_tokens   = lookup(metadata_options.value, "http_tokens", null)   #@ < 9.0.0
      http_endpoint = metadata_options.value.http_endpoint                  #@ >= 9.0.0
      http_tokens   = metadata_options.value.http_tokens                    #@ >= 9.0.0
    }
  }
}
