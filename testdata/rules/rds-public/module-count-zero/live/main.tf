module "db" {
  source = "../modules/db"
  count  = 0
}
