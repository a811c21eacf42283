variable "create_security_group" {
  default = true
}

variable "security_group_name" {
  default = []
}

variable "additional_security_group_rules" {
  default = []
}

variable "allowed_cidr_blocks" {
  default = []
}
