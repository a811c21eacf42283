#! module terraform-aws-modules/iam/aws//modules/iam-assumable-role with CREATE = false
#! module terraform-aws-modules/iam/aws//modules/iam-assumable-role-with-oidc with CREATE = false
#! module terraform-aws-modules/iam/aws//modules/iam-role-for-service-accounts-eks with CREATE = true
#! module terraform-aws-modules/iam/aws//modules/iam-eks-role with CREATE = true
#! known 5.9.2 5.60.0

variable "create_role" {
  default = $CREATE
}

variable "role_name" {
  default = null
}

variable "role_name_prefix" {
  default = null
}

variable "tags" {
  default = {}
}

resource "aws_iam_role" "this" {
  count = var.create_role ? 1 : 0

  name        = var.role_name
  name_prefix = var.role_name_prefix
  tags        = var.tags
}
