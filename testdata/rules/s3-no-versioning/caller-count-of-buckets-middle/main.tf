module "buckets" {
  source = "./modules/buckets"

  buckets = [
    { name = "a", versioned = true },
    { name = "b" },
    { name = "c", versioned = true },
  ]
}
