module "buckets" {
  source  = "./modules/buckets"
  buckets = { for b in yamldecode(file("${path.module}/buckets.yaml")).buckets : b.name => b }
}
