variable "name" {
  type = string
}

variable "instance_class" {
  type    = string
  default = "db.t4g.medium"
}

variable "password" {
  type      = string
  sensitive = true
}

variable "subnet_ids" {
  type = list(string)
}

variable "security_group_ids" {
  description = "Nothing means the default group of the VPC."
  type        = list(string)
  default     = null
}

variable "publicly_accessible" {
  description = "Gives the instance a public address. Think twice."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Refuses terraform destroy."
  type        = bool
  default     = false # too many test databases to clean up
}

variable "tags" {
  type    = map(string)
  default = {}
}
