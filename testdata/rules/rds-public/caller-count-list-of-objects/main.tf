module "db" {
  source = "./modules/db"

  databases = [
    { name = "a" },
    { name = "b", public = false },
  ]
}
