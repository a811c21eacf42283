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
    key          = "platform/network/terraform.tfstate"
    region       = "eu-west-1"
    use_lockfile = true
  }
}

provider "aws" {
  region = "us-east-1"
}

locals {
  name = "acme-hub"
}

resource "aws_vpc" "hub" {
  cidr_block = "10.0.0.0/16"

  tags = {
    Name = local.name
  }
}

module "status_page_sg" {
  source = "../../modules/web-sg"

  name        = "${local.name}-status"
  vpc_id      = aws_vpc.hub.id
  admin_cidrs = ["10.0.0.0/8"]
}

module "flow_logs" {
  source = "../../modules/log-bucket"

  name = "acme-hub-flow-logs"
}

resource "aws_flow_log" "hub" {
  vpc_id               = aws_vpc.hub.id
  traffic_type         = "ALL"
  log_destination_type = "s3"
  log_destination      = module.flow_logs.arn
}
