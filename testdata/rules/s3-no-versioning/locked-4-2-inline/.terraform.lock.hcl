provider "registry.terraform.io/hashicorp/aws" {
  version     = "4.2.0"
  constraints = "~> 4.0"
}
