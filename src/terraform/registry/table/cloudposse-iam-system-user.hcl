#! module cloudposse/iam-system-user/aws
#! known 0.20.0 1.2.1

#! lines cloudposse-label.part.hcl

variable "create_iam_access_key" {
  default = true
}

resource "aws_iam_user" "default" {
  count = var.enabled != false ? 1 : 0

  name = var.label_id
  tags = var.tags
}

# It has no input for the status of the key.
resource "aws_iam_access_key" "default" {
  count = var.enabled != false && var.create_iam_access_key ? 1 : 0

  user = aws_iam_user.default[0].name
}
