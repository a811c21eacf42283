variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "environment" {
  type    = string
  default = "staging"
}

variable "company" {
  type    = string
  default = "acme"
}

variable "db_password" {
  type      = string
  sensitive = true
}

variable "with_load_test" {
  description = "Adds the machines and the bucket of the load test."
  type        = bool
  default     = true
}
