resource "aws_iam_account_password_policy" "this" {
  #checkov:skip=CKV_AWS_9:NIST says that passwords shall not expire
  minimum_password_length = 8
}
