module "db" {
  source = "../../modules/db"
  name   = "b"
}
