terraform {
  required_version = ">= 0.13"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 3.39.0"
    }
  }
}

variable "endpoint" {
  description = "Where the emulator listens. This generation of the provider reads no AWS_ENDPOINT_URL."
  type        = string
}

provider "aws" {
  region                      = "us-east-1"
  max_retries                 = 1
  s3_force_path_style         = true
  skip_credentials_validation = true
  skip_get_ec2_platforms      = true
  skip_metadata_api_check     = true
  skip_region_validation      = true

  endpoints {
    cloudtrail = var.endpoint
    dynamodb   = var.endpoint
    ec2        = var.endpoint
    ecr        = var.endpoint
    iam        = var.endpoint
    kms        = var.endpoint
    rds        = var.endpoint
    s3         = var.endpoint
    s3control  = var.endpoint
    sns        = var.endpoint
    sqs        = var.endpoint
    sts        = var.endpoint
  }
}
