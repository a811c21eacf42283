resource "aws_iam_role" "old" {
  name               = "old"
  assume_role_policy = "{}"
}
