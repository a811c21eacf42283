module "db" {
  source = "../../modules/db"
  name   = "a"
}
