module "buckets" {
  source = "./modules/buckets"

  buckets = {
    logs = { public = true }
    data = {}
  }
}
