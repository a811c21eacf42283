module "db" {
  source = "../modules/db"
  name   = "orders-dev"
  public = true
}
