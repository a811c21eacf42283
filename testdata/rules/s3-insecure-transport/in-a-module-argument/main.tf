module "b" {
  source = "./bucket"
  name   = "example-data"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = "*"
        Action    = "s3:GetObject"
        Resource  = "arn:aws:s3:::example-data/*"
      },
    ]
  })
}
