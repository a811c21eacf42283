module "guard" {
  source  = "./guard"
  buckets = var.buckets
}

variable "buckets" {
  type = set(string)
}
