#! module terraform-aws-modules/ec2-instance/aws
#! known 2.0.0 6.4.0
#! set imds-v1: metadata_options = { http_tokens = "required" } #@ >= 2.16.0

#@ < 3.0.0 {
variable "instance_count" {
  default = 1
}

variable "use_num_suffix" {
  default = false
}
#@ }

#@ >= 2.15.0, < 3.0.0 {
variable "num_suffix_format" {
  default = "-%d"
}
#@ }

#@ >= 3.0.0 {
variable "create" {
  default = true
}
#@ }

variable "name" {
  default = ""
}

#@ >= 3.1.0 {
variable "create_spot_instance" {
  default = false
}
#@ }

#@ >= 5.0.0 {
variable "ignore_ami_changes" {
  default = false
}
#@ }

#@ >= 2.16.0 {
variable "metadata_options" {
  default = {} #@ < 5.0.0

#@ >= 5.0.0, < 6.0.0 {
  default = {
    http_endpoint = "enabled"
    http_tokens   = "optional" #@ < 5.8.0
    http_tokens   = "required" #@ >= 5.8.0
  }
#@ }

#@ >= 6.0.0 {
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

#@ }

#@ >= 6.0.0 {
variable "network_interface" {
  default = null
}

variable "create_security_group" {
  default = true
}

variable "security_group_name" {
  default = null
}

variable "security_group_use_name_prefix" {
  default = true
}

variable "security_group_ingress_rules" {
#! lines ingress-type.part.hcl
  default = null
}
#@ }

variable "tags" {
  default = {}
}

#@ >= 6.0.0 {
locals {
  create_security_group = var.create && var.create_security_group && var.network_interface == null
  security_group_name   = try(coalesce(var.security_group_name, var.name), "")
}

#! lines own-group.part.hcl

#! lines ingress.part.hcl with PORT = each.value.to_port
#@ }

resource "aws_instance" "this" {
  count = var.instance_count                                                           #@ < 3.0.0
  count = var.create ? 1 : 0                                                           #@ >= 3.0.0, < 3.1.0
  count = var.create && !var.create_spot_instance ? 1 : 0                              #@ >= 3.1.0, < 5.0.0
  count = var.create && !var.ignore_ami_changes && !var.create_spot_instance ? 1 : 0   #@ >= 5.0.0

  tags = merge({ Name = var.instance_count > 1 || var.use_num_suffix ? format("%s-%d", var.name, count.index + 1) : var.name }, var.tags)                             #@ < 2.15.0
  tags = merge({ Name = var.instance_count > 1 || var.use_num_suffix ? format("%s${var.num_suffix_format}", var.name, count.index + 1) : var.name }, var.tags) #@ >= 2.15.0, < 3.0.0
  tags = merge({ Name = var.name }, var.tags)                                                                                                                     #@ >= 3.0.0

#@ >= 2.16.0 {
  dynamic "metadata_options" {
    for_each = length(var.metadata_options) > 0 ? [var.metadata_options] : [] #@ < 3.0.0
    for_each = var.metadata_options != null ? [var.metadata_options] : []    #@ >= 3.0.0, < 5.0.0
    for_each = length(var.metadata_options) > 0 ? [var.metadata_options] : [] #@ >= 5.0.0, < 6.0.0
    for_each = var.metadata_options != null ? [var.metadata_options] : []    #@ >= 6.0.0

    content {
      http_endpoint = lookup(metadata_options.value, "http_endpoint", "enabled") #@ < 6.0.0
      http_tokens   = lookup(metadata_options.value, "http_tokens", "optional")  #@ < 5.8.0
      http_tokens   = lookup(metadata_options.value, "http_tokens", "required")  #@ >= 5.8.0, < 6.0.0
      http_endpoint = metadata_options.value.http_endpoint                       #@ >= 6.0.0
      http_tokens   = metadata_options.value.http_tokens                         #@ >= 6.0.0
    }
  }
#@ }
}

#@ >= 5.0.0 {
resource "aws_instance" "ignore_ami" {
  count = var.create && var.ignore_ami_changes && !var.create_spot_instance ? 1 : 0

  tags = merge({ Name = var.name }, var.tags)

  dynamic "metadata_options" {
    for_each = length(var.metadata_options) > 0 ? [var.metadata_options] : [] #@ < 6.0.0
    for_each = var.metadata_options != null ? [var.metadata_options] : []     #@ >= 6.0.0

    content {
      http_endpoint = lookup(metadata_options.value, "http_endpoint", "enabled") #@ < 6.0.0
      http_tokens   = lookup(metadata_options.value, "http_tokens", "optional")  #@ < 5.8.0
      http_tokens   = lookup(metadata_options.value, "http_tokens", "required")  #@ >= 5.8.0, < 6.0.0
      http_endpoint = metadata_options.value.http_endpoint                       #@ >= 6.0.0
      http_tokens   = metadata_options.value.http_tokens                         #@ >= 6.0.0
    }
  }
}
#@ }
