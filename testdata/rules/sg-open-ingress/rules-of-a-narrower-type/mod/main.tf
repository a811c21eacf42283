variable "services" {
  type = map(object({
    security_group_ingress_rules = optional(map(object({
      cidr_ipv4   = optional(string)
      from_port   = optional(string)
      ip_protocol = optional(string)
    })))
  }))
  default = null
}

module "service" {
  source   = "./inner"
  for_each = var.services

  security_group_ingress_rules = each.value.security_group_ingress_rules
}
