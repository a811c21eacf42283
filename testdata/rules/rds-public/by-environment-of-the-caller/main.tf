module "db" {
  source   = "./db"
  for_each = toset(["dev", "prod"])
  env      = each.key
}
