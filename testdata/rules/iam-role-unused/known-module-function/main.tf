module "resize" {
  source  = "terraform-aws-modules/lambda/aws"
  version = "~> 7.0"

  function_name = "resize"
  handler       = "index.handler"
  runtime       = "python3.12"
  source_path   = "./src"
}
