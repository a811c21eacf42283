#! module terraform-aws-modules/iam/aws//modules/iam-github-oidc-role
#! known 5.6.0 5.60.0

variable "create" {
  default = true
}

variable "name" {
  default = null
}

variable "name_prefix" {
  default = null
}

variable "tags" {
  default = {}
}

resource "aws_iam_role" "this" {
  count = var.create ? 1 : 0

  name        = var.name
  name_prefix = var.name_prefix
  tags        = var.tags
}
