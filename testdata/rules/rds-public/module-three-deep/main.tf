module "app" {
  source = "./app"
  public = true
}
