module "db" {
  source = "./modules/../modules/db/"
  name   = "orders"
  public = true
}
