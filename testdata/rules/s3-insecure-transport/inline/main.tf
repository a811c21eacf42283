resource "aws_s3_bucket" "logs" {
  bucket = "example-logs"
  acl    = "private"

  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
    "Resource": "arn:aws:s3:::example-logs/*"
  }
}
EOF
}
