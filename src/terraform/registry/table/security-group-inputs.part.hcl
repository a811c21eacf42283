variable "name" {
  default = null
}

variable "description" {
  default = "Security Group managed by Terraform"
}

variable "use_name_prefix" {
  default = true
}

variable "tags" {
  default = {}
}

variable "ingress_rules" {
  default = []
}

variable "computed_ingress_rules" {
  default = []
}

variable "ingress_with_cidr_blocks" {
  default = []
}

variable "computed_ingress_with_cidr_blocks" {
  default = []
}

variable "ingress_with_ipv6_cidr_blocks" {
  default = []
}

variable "computed_ingress_with_ipv6_cidr_blocks" {
  default = []
}

variable "ingress_cidr_blocks" {
  default = []
}

variable "ingress_ipv6_cidr_blocks" {
  default = []
}

variable "number_of_computed_ingress_rules" {
  default = 0
}

variable "number_of_computed_ingress_with_cidr_blocks" {
  default = 0
}

variable "number_of_computed_ingress_with_ipv6_cidr_blocks" {
  default = 0
}
