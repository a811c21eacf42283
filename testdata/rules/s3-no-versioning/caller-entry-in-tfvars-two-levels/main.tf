variable "buckets" {
  type    = any
  default = {}
}

module "storage" {
  source  = "./modules/storage"
  buckets = var.buckets
}
