variable "name" {}

variable "versioned" {
  default = false
}

module "this" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "4.1.2"

  bucket = var.name

  versioning = {
    enabled = var.versioned
  }
}
