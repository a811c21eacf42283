resource "aws_s3_bucket" "logs" {
  bucket = "example-logs"
}

variable "strict" {
  default = true
}

data "aws_iam_policy_document" "a" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["*"]
  }
}

resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = var.strict ? data.aws_iam_policy_document.a.json : "{}"
}
