provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
module "eu" {
  source     = "./m"
  name       = "acme-eu"
  versioning = "Enabled"
}
module "us" {
  source    = "./m"
  name      = "acme-us"
  providers = { aws = aws.us }
}
