resource "aws_iam_user" "key_unused" {
  name = "prove-old-deployer"
}

resource "aws_iam_access_key" "key_unused" {
  user   = aws_iam_user.key_unused.name
  status = "Active"
}
