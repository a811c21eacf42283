variable "length" {
  default = 8
}

resource "aws_iam_account_password_policy" "this" {
  minimum_password_length = var.length
}
