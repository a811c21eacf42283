module "buckets" {
  source = "./modules/buckets"

  buckets = {
    logs = {}
    data = { versioning = "Enabled" }
  }
}
