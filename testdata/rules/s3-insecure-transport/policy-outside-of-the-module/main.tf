module "b" {
  source = "./bucket"
}

resource "aws_s3_bucket_policy" "b" {
  bucket = module.b.id
  policy = jsonencode({
    Statement = [
      { Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::x/*" },
    ]
  })
}
