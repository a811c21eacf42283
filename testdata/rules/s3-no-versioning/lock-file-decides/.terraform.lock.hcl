provider "registry.terraform.io/hashicorp/aws" {
  version     = "3.76.1"
  constraints = ">= 3.70.0"
}
