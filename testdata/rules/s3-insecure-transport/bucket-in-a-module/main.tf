module "b" {
  source = "./bucket"
}

module "c" {
  source = "./bucket"
}
