module "buckets" {
  source = "./modules/buckets"

  buckets   = ["logs", "data"]
  versioned = ["data"]
}
