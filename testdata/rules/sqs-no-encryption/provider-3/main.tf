terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "3.39.0"
    }
  }
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}
