variable "launch_template_use_name_prefix" {
  default  = true
  nullable = false #@ >= 21.0.0
}

variable "metadata_options" {
#@ < 21.0.0 {
  default = {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 2
  }
#@ }

#@ >= 21.0.0 {
  type = object({
    http_endpoint               = optional(string, "enabled")
    http_protocol_ipv6          = optional(string)
    http_put_response_hop_limit = optional(number, 1)
    http_tokens                 = optional(string, "required")
    instance_metadata_tags      = optional(string)
  })
  default = {
    http_endpoint               = "enabled"
    http_put_response_hop_limit = 1
    http_tokens                 = "required"
  }
  nullable = false
#@ }
}

#@ < 19.0.0 {
variable "create_security_group" {
  default = true
}

variable "security_group_name" {
  default = null
}

variable "security_group_use_name_prefix" {
  default = true
}

variable "security_group_rules" {
  default = {}
}
#@ }

#@ >= 21.0.0 {
variable "create_security_group" {
  default  = true
  nullable = false
}

variable "security_group_name" {
  default = null
}

variable "security_group_use_name_prefix" {
  default  = true
  nullable = false
}

variable "security_group_ingress_rules" {
  type = map(object({
    name                         = optional(string)
    cidr_ipv4                    = optional(string)
    cidr_ipv6                    = optional(string)
    description                  = optional(string)
    from_port                    = optional(string)
    ip_protocol                  = optional(string, "tcp")
    prefix_list_id               = optional(string)
    referenced_security_group_id = optional(string)
    self                         = optional(bool, false)
    tags                         = optional(map(string), {})
    to_port                      = optional(string)
  }))
  default = {}
}

variable "security_group_egress_rules" {
  default = {}
}
#@ }

variable "tags" {
  default = {}
}
