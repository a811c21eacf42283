#! module cloudposse/msk-apache-kafka-cluster/aws
#! known 0.8.0 2.5.0
#! include cloudposse-security-group.hcl at 1.0.1 in security-group-1
#! include cloudposse-security-group.hcl at 2.2.0 in security-group-2

#! lines cloudposse-label.part.hcl

#! lines cloudposse-own-group.part.hcl

variable "security_group_create_before_destroy" {
  default = false #@ < 2.0.0
  default = true  #@ >= 2.0.0
}

variable "security_group_description" {
  default = "MSK broker access"    #@ < 2.0.0
  default = "Managed by Terraform" #@ >= 2.0.0
}

#@ >= 2.0.0 {
variable "preserve_security_group_id" {
  default = false
}

variable "inline_rules_enabled" {
  default = false
}
#@ }

#@ >= 2.0.0, < 2.2.0 {
variable "allowed_ipv6_cidr_blocks" {
  default = []
}
#@ }

variable "client_broker" {
  default = "TLS"
}

variable "client_sasl_scram_enabled" {
  default = false
}

variable "client_sasl_iam_enabled" {
  default = false
}

variable "jmx_exporter_enabled" {
  default = false
}

variable "node_exporter_enabled" {
  default = false
}

locals {
  # Brokers speak in the clear, with TLS, or both.
  clear = var.client_broker == "PLAINTEXT" || var.client_broker == "TLS_PLAINTEXT"
  tls   = var.client_broker == "TLS" || var.client_broker == "TLS_PLAINTEXT"
  ports = {
    plaintext           = { port = 9092, open = local.clear }
    tls                 = { port = 9094, open = local.tls }
    sasl_scram          = { port = 9096, open = local.tls && var.client_sasl_scram_enabled }
    sasl_iam            = { port = 9098, open = local.tls && var.client_sasl_iam_enabled }
    zookeeper_plaintext = { port = 2181, open = true }
    zookeeper_tls       = { port = 2182, open = true }
    jmx_exporter        = { port = 11001, open = var.jmx_exporter_enabled }
    node_exporter       = { port = 11002, open = var.node_exporter_enabled }
  }
}

module "broker_security_group" {       #@ < 2.0.0
  source = "./security-group-1"        #@ < 2.0.0
module "security_group" {              #@ >= 2.0.0
  source = "./security-group-2"        #@ >= 2.0.0

  enabled                    = var.enabled != false && var.create_security_group
  security_group_name        = var.security_group_name
  security_group_description = var.security_group_description
  create_before_destroy      = var.security_group_create_before_destroy
  preserve_security_group_id = var.preserve_security_group_id #@ >= 2.0.0
  inline_rules_enabled       = var.inline_rules_enabled       #@ >= 2.0.0
  rules                      = var.additional_security_group_rules
  rule_matrix = [{
    cidr_blocks      = var.allowed_cidr_blocks
    ipv6_cidr_blocks = var.allowed_ipv6_cidr_blocks #@ >= 2.0.0, < 2.2.0
    rules            = [for name, one in local.ports : { key = name, type = "ingress", protocol = "tcp", from_port = one.port, to_port = one.port } if one.open]
  }]
  tags = var.tags
}

output "security_group_id" {
  value = module.broker_security_group.id #@ < 2.0.0
  value = module.security_group.id        #@ >= 2.0.0
}
