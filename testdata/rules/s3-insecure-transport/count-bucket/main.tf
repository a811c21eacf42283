resource "aws_s3_bucket" "logs" {
  count  = 1
  bucket = "example-logs"
}

resource "aws_s3_bucket_policy" "logs" {
  count  = 1
  bucket = aws_s3_bucket.logs[count.index].id
  policy = data.aws_iam_policy_document.logs.json
}

data "aws_iam_policy_document" "logs" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["arn:aws:s3:::example-logs/*"]
  }
}
