variable "buckets" {
  type = any
}

module "buckets" {
  source  = "../buckets"
  buckets = var.buckets
}
