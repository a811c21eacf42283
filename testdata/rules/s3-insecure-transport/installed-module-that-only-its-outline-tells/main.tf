variable "tls" {
  default = true
}

variable "other" {
  default = false
}

module "logs" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "~> 4.0"

  bucket = "acme-logs"
  attach_deny_insecure_transport_policy = var.tls
}
