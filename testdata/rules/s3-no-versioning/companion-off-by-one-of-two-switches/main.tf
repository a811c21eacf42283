module "b" {
  source = "./b"
  name   = "acme-of-ours"
}
module "c" {
  source     = "./b"
  name       = "acme-of-ours-c"
  versioning = false
}
