#! module terraform-aws-modules/lambda/aws//modules/docker-build
#! known 2.8.0 8.8.1

variable "create_ecr_repo" {
  default = false
}

variable "ecr_repo" {
  default = null
}

variable "scan_on_push" {
  default = false
}

variable "ecr_repo_tags" {
  default = {}
}

resource "aws_ecr_repository" "this" {
  count = var.create_ecr_repo ? 1 : 0

  name = var.ecr_repo
  tags = var.ecr_repo_tags

  image_scanning_configuration {
    scan_on_push = var.scan_on_push
  }
}
