terraform {
  backend "s3" {}
}

module "sg" {
  source = "../../modules/sg"
  name   = "a"
  rules = {
    ssh = { cidr = "0.0.0.0/0", port = 22 }
  }
}
