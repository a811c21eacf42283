resource "aws_iam_account_password_policy" "this" {
  minimum_password_length        = 20
  require_lowercase_characters   = true
  require_numbers                = "true"
  require_symbols                = false
  max_password_age               = 30
  password_reuse_prevention      = 5
  allow_users_to_change_password = true
}
