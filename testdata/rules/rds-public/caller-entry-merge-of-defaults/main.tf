module "db" {
  source = "./modules/db"

  databases = {
    a = { engine = "postgres" }
    b = { engine = "postgres", public = false }
  }
}
