#! module terraform-aws-modules/step-functions/aws
#! known 1.0.0 5.0.2

variable "create" {
  default = true
}

variable "create_role" {
  default = true
}

variable "use_existing_role" {
  default = false
}

variable "name" {
  default = ""
}

variable "role_name" {
  default = null
}

variable "tags" {
  default = {}
}

resource "aws_iam_role" "this" {
  count = var.create && var.create_role && !var.use_existing_role ? 1 : 0

  name = coalesce(var.role_name, var.name)
  tags = var.tags
}
