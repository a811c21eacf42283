#! module terraform-aws-modules/ecr/aws
#! known 1.0.0 3.2.0

variable "create" {
  default = true
}

variable "create_repository" {
  default = true
}

variable "repository_type" {
  default = "private"
}

variable "repository_name" {
  default = ""
}

variable "repository_image_scan_on_push" {
  default = true
}

variable "tags" {
  default = {}
}

resource "aws_ecr_repository" "this" {
  count = var.create && var.create_repository && var.repository_type == "private" ? 1 : 0

  name = var.repository_name
  tags = var.tags

  image_scanning_configuration {
    scan_on_push = var.repository_image_scan_on_push
  }
}
