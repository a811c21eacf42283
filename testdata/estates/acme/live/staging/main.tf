# Staging is prod in small. What differs is in variables.tf.

terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  backend "s3" {
    bucket       = "acme-terraform-state"
    key          = "live/staging/terraform.tfstate"
    region       = "eu-west-1"
    use_lockfile = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = ["444455556666"]

  default_tags {
    tags = {
      Environment = "staging"
      ManagedBy   = "terraform"
    }
  }
}

data "aws_caller_identity" "current" {}

locals {
  prefix = "${var.company}-${var.environment}"
}

module "access_logs" {
  source = "../../modules/log-bucket"

  name       = "${local.prefix}-access-logs"
  versioning = "Suspended" # nobody reads them twice
}

module "orders_db" {
  source = "../../modules/service-db"

  name           = "${local.prefix}-orders"
  instance_class = "db.t4g.micro"
  password       = var.db_password
  subnet_ids     = aws_subnet.private[*].id
}
