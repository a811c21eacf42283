module "app" {
  source = "./app"
}

module "safe" {
  source = "./app"
  public = false
}
