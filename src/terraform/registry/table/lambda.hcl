#! module terraform-aws-modules/lambda/aws
#! known 1.0.0 8.8.1

variable "create" {
  default = true
}

variable "create_function" {
  default = true
}

variable "create_layer" {
  default = false
}

variable "create_role" {
  default = true
}

variable "function_name" {
  default = ""
}

variable "role_name" {
  default = null
}

variable "tags" {
  default = {}
}

resource "aws_iam_role" "lambda" {
  count = var.create && var.create_function && !var.create_layer && var.create_role ? 1 : 0

  name = coalesce(var.role_name, var.function_name)
  tags = var.tags
}
