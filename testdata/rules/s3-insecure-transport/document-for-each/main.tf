locals {
  teams = toset(["a", "b"])
}

resource "aws_s3_bucket" "team" {
  for_each = local.teams
  bucket   = "example-${each.key}"
}

data "aws_iam_policy_document" "team" {
  for_each = local.teams

  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.team[each.key].arn}/*"]

    principals {
      type        = "AWS"
      identifiers = ["111122223333"]
    }
  }
}

resource "aws_s3_bucket_policy" "team" {
  for_each = local.teams
  bucket   = aws_s3_bucket.team[each.key].id
  policy   = data.aws_iam_policy_document.team[each.key].json
}
