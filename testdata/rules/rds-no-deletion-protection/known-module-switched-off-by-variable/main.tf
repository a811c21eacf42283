variable "protect" {
  type    = bool
  default = false
}

module "db" {
  source  = "terraform-aws-modules/rds/aws"
  version = "5.1.0"

  identifier          = "orders"
  deletion_protection = var.protect
}
