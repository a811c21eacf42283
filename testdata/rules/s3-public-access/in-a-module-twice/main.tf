module "a" {
  source = "./bucket"
  name   = "acme-a"
}

module "b" {
  source = "./bucket"
  name   = "acme-b"
}
