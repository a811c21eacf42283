#! module cloudposse/ecr/aws
#! known 0.27.0 1.0.0

#! lines cloudposse-label.part.hcl

variable "use_fullname" {
  default = true
}

variable "image_names" {
  default = []
}

variable "scan_images_on_push" {
  default = false #@ < 0.31.0
  default = true  #@ >= 0.31.0
}

locals {
  image_names = length(var.image_names) > 0 ? var.image_names : [var.use_fullname ? var.label_id : var.name]
}

resource "aws_ecr_repository" "name" {
  for_each = toset(var.enabled != false ? local.image_names : [])

  name = each.value
  tags = var.tags

  image_scanning_configuration {
    scan_on_push = var.scan_images_on_push
  }
}
