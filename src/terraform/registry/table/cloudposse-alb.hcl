#! module cloudposse/alb/aws
#! known 1.8.0 2.5.0
#! set s3-insecure-transport: allow_ssl_requests_only = true #@ >= 1.11.0
#! include cloudposse-lb-s3-bucket.hcl at 0.18.0 in logs-18
#! include cloudposse-lb-s3-bucket.hcl at 0.19.0 in logs-19

#! lines cloudposse-label.part.hcl

variable "security_group_enabled" {
  default = true
}

variable "access_logs_enabled" {
  default = true
}

variable "access_logs_s3_bucket_id" {
  default = null
}

#@ >= 1.11.0 {
variable "allow_ssl_requests_only" {
  default = false
}
#@ }

#@ >= 1.12.0 {
variable "ip_address_type" {
  default = "ipv4"
}
#@ }

variable "http_enabled" {
  default = true
}

variable "http_port" {
  default = 80
}

variable "http_ingress_cidr_blocks" {
  default = ["0.0.0.0/0"]         #@ < 1.12.0
  default = ["0.0.0.0/0", "::/0"] #@ >= 1.12.0
}

variable "http_ingress_prefix_list_ids" {
  default = []
}

variable "https_enabled" {
  default = false
}

variable "https_port" {
  default = 443
}

variable "https_ingress_cidr_blocks" {
  default = ["0.0.0.0/0"]         #@ < 1.12.0
  default = ["0.0.0.0/0", "::/0"] #@ >= 1.12.0
}

variable "https_ingress_prefix_list_ids" {
  default = []
}

locals {
  own_group = var.enabled != false && var.security_group_enabled
}

resource "aws_security_group" "default" {
  count = local.own_group ? 1 : 0

  name        = var.label_id
  description = "Controls access to the ALB (HTTP/HTTPS)"
  tags        = var.tags
}

resource "aws_security_group_rule" "http_ingress" {
  count = local.own_group && var.http_enabled ? 1 : 0

  security_group_id = aws_security_group.default[0].id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = var.http_port
  to_port           = var.http_port
  cidr_blocks       = var.http_ingress_cidr_blocks                                                           #@ < 1.12.0
  cidr_blocks       = [for network in var.http_ingress_cidr_blocks : network if !strcontains(network, ":")] #@ >= 1.12.0
  ipv6_cidr_blocks  = [for network in var.http_ingress_cidr_blocks : network if strcontains(network, ":") && var.ip_address_type == "dualstack"]  #@ >= 1.12.0
  prefix_list_ids   = var.http_ingress_prefix_list_ids
}

resource "aws_security_group_rule" "https_ingress" {
  count = local.own_group && var.https_enabled ? 1 : 0

  security_group_id = aws_security_group.default[0].id
  type              = "ingress"
  protocol          = "tcp"
  from_port         = var.https_port
  to_port           = var.https_port
  cidr_blocks       = var.https_ingress_cidr_blocks                                                           #@ < 1.12.0
  cidr_blocks       = [for network in var.https_ingress_cidr_blocks : network if !strcontains(network, ":")] #@ >= 1.12.0
  ipv6_cidr_blocks  = [for network in var.https_ingress_cidr_blocks : network if strcontains(network, ":") && var.ip_address_type == "dualstack"]  #@ >= 1.12.0
  prefix_list_ids   = var.https_ingress_prefix_list_ids
}

module "access_logs" {
  source = "./logs-18" #@ < 1.10.0
  source = "./logs-19" #@ >= 1.10.0

  enabled                 = var.enabled != false && var.access_logs_enabled && var.access_logs_s3_bucket_id == null
  label_id                = "${var.label_id}-alb-access-logs"
  allow_ssl_requests_only = var.allow_ssl_requests_only #@ >= 1.11.0
  tags                    = var.tags
}

output "security_group_id" {
  value = try(aws_security_group.default[0].id, "")
}
