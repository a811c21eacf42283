#! module terraform-aws-modules/iam/aws//modules/iam-role
#! module terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts
#! known 6.0.0 6.5.0

variable "create" {
  default = true
}

variable "name" {
  default = null
}

variable "use_name_prefix" {
  default = true
}

variable "tags" {
  default = {}
}

resource "aws_iam_role" "this" {
  count = var.create ? 1 : 0

  name        = var.use_name_prefix ? null : var.name
  name_prefix = var.use_name_prefix ? "${var.name}-" : null
  tags        = var.tags
}
