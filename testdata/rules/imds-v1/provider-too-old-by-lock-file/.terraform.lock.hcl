provider "registry.terraform.io/hashicorp/aws" {
  version     = "2.40.0"
  constraints = ">= 2.0.0"
}
