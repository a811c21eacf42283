variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "environment" {
  type = string
}

variable "company" {
  type    = string
  default = "acme"
}

variable "vpc_cidr" {
  type = string
}

variable "bastion_ssh_cidrs" {
  description = "Where people may come from. The office and the VPN, nothing else."
  type        = list(string)
}

variable "bastion_ami" {
  type = string
}

variable "reporting_db_public" {
  description = "The BI vendor connects from the internet."
  type        = bool
  default     = false
}

variable "orders_db_class" {
  type    = string
  default = "db.t4g.medium"
}

variable "db_password" {
  description = "Set by CI from the vault."
  type        = string
  sensitive   = true
}

variable "password_min_length" {
  type    = number
  default = 8
}
