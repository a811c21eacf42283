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
  name   = var.name
}

module "other" {
  source = "./other"
  bucket = var.name
}

variable "name" {
  default = "acme-logs"
}
