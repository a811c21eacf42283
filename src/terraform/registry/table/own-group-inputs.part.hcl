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
