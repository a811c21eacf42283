#! module terraform-aws-modules/iam/aws//modules/iam-user
#! known 5.9.0 6.5.0
#! set iam-access-key-unused: iam_access_key_status = "Inactive" #@ < 6.0.0
#! set iam-access-key-unused: access_key_status = "Inactive" #@ >= 6.0.0

variable "name" {
  default = ""
}

variable "create_user" { #@ < 6.0.0
variable "create" {      #@ >= 6.0.0
  default = true
}

variable "create_iam_access_key" { #@ < 6.0.0
variable "create_access_key" {     #@ >= 6.0.0
  default = true
}

variable "iam_access_key_status" { #@ < 6.0.0
variable "access_key_status" {     #@ >= 6.0.0
  default = null
}

variable "pgp_key" {
  default = ""   #@ < 6.0.0
  default = null #@ >= 6.0.0
}

variable "tags" {
  default = {}
}

locals {
  create     = var.create_user           #@ < 6.0.0
  create     = var.create                #@ >= 6.0.0
  create_key = var.create_iam_access_key #@ < 6.0.0
  create_key = var.create_access_key     #@ >= 6.0.0
  status     = var.iam_access_key_status #@ < 6.0.0
  status     = var.access_key_status     #@ >= 6.0.0
}

resource "aws_iam_user" "this" {
  count = local.create ? 1 : 0

  name = var.name
  tags = var.tags
}

resource "aws_iam_access_key" "this" {
  count = local.create && local.create_key && var.pgp_key != "" ? 1 : 0 #@ < 6.0.0
  count = local.create && local.create_key ? 1 : 0                      #@ >= 6.0.0

  user   = aws_iam_user.this[0].name
  status = local.status
}

#@ < 6.0.0 {
resource "aws_iam_access_key" "this_no_pgp" {
  count = local.create && local.create_key && var.pgp_key == "" ? 1 : 0

  user   = aws_iam_user.this[0].name
  status = local.status
}
#@ }
