resource "aws_kms_key" "main" {
  policy = <<EOT
{
  "Statement": []
}
EOT
}
