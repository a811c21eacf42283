terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.80.0"
    }
  }
}

module "logs" {
  source = "./logs"
}

module "other" {
  source = "./other"
  bucket = local.id
}

locals {
  id = module.logs.id
}
