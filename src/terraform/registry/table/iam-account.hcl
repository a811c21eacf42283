#! module terraform-aws-modules/iam/aws//modules/iam-account
#! known 2.0.0 6.5.0

#@ >= 6.0.0 {
variable "create" {
  default = true
}
#@ }

variable "account_alias" {}

variable "create_account_password_policy" {
  default = true
}

variable "max_password_age" {
  default = 0
}

variable "minimum_password_length" {
  default = 8
}

variable "password_reuse_prevention" {
  default = null
}

variable "require_lowercase_characters" {
  default = true
}

variable "require_uppercase_characters" {
  default = true
}

variable "require_numbers" {
  default = true
}

variable "require_symbols" {
  default = true
}

resource "aws_iam_account_password_policy" "this" {
  count = var.create_account_password_policy ? 1 : 0               #@ < 6.0.0
  count = var.create && var.create_account_password_policy ? 1 : 0 #@ >= 6.0.0

  max_password_age             = var.max_password_age
  minimum_password_length      = var.minimum_password_length
  password_reuse_prevention    = var.password_reuse_prevention
  require_lowercase_characters = var.require_lowercase_characters
  require_uppercase_characters = var.require_uppercase_characters
  require_numbers              = var.require_numbers
  require_symbols              = var.require_symbols
}
