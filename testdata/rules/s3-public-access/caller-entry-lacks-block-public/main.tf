module "buckets" {
  source = "./modules/buckets"

  buckets = {
    logs = {}
    data = { block_public = true }
  }
}
