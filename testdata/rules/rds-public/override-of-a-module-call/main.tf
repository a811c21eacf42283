module "db" {
  source = "./db"
  public = false
}
