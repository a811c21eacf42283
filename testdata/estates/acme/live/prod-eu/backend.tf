terraform {
  backend "s3" {
    bucket       = "acme-terraform-state"
    key          = "live/prod-eu/terraform.tfstate"
    region       = "eu-west-1"
    use_lockfile = true
  }
}
