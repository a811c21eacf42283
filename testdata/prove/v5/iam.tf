resource "aws_iam_user" "key_unused" {
  name = "prove-old-deployer"
}

resource "aws_iam_access_key" "key_unused" {
  user = aws_iam_user.key_unused.name
}

resource "aws_iam_account_password_policy" "password_policy_weak" {
  minimum_password_length        = 8
  require_lowercase_characters   = true
  require_uppercase_characters   = false
  require_numbers                = false
  allow_users_to_change_password = true
  max_password_age               = 180
}

# Nobody assumes it: advice only.
resource "aws_iam_role" "role_unused" {
  name = "prove-forgotten"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "ec2.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
  })
}
